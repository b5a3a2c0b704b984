"""The last question of exercise 03: the meta-gradient without a graph, to ten digits."""

from torch import Tensor

from ...tape import Tape
from ...unroll import loss_and_gradient, meta_gradient
from ..answering import doubled
from ..examining import Lost, must_be_kept, recognise, told
from ..lstm_questions import by_name, digits, reference, starting, turned, turned_back
from ..wire import Tensors
from .windows import Hidden, problem, run_from


def exam_meta_step(generator, ask, report):
    """One gradient to ten digits; the steps after it; what comes back."""

    def question(length: int, cells: int, n: int, meta_steps: int = 1) -> tuple[dict, str]:
        asked = problem("logarithmic", generator, cells, n)
        asked = {name: _in_double(value) for name, value in asked.items()}
        times = f"{meta_steps} meta-steps" if meta_steps > 1 else "one meta-step"
        given = f"{n} coordinates, {cells} cells, windows of {length}, {times}, float64"
        asked |= {"length": length, "probe_rate": 0.03, "meta_steps": meta_steps}
        return asked, given

    def run(asked: dict) -> dict:
        """The reference's meta-steps."""
        optimizer, run = reference(asked["probe_weights"]), run_from(asked)
        found = {"meta_losses": {}, "thetas": {}, "states": {}, "by_weight": {}}
        tape = Tape(optimizer, run.theta.numel(), asked["length"])
        for number in range(1, asked["meta_steps"] + 1):
            losses, gradients, run = meta_gradient(tape, run)
            key = f"meta-step {number}"
            found["meta_losses"][key] = losses.sum()
            found["thetas"][key] = run.theta[0]
            run.state = [(h.clone(), c.clone()) for h, c in run.state]
            found["states"][key] = turned_back(run.state)
            named = zip(optimizer.named_parameters(), gradients, strict=True)
            for (name, weight), gradient in named:
                found["by_weight"][f"{key}, {name}"] = gradient
                weight.data = weight.data - asked["probe_rate"] * gradient
        return found

    def judge_gradients(
        reply: dict, expected: dict, given: str, first: str, later: str = ""
    ) -> None:
        for key in expected["meta_losses"]:
            of_step, idea = starting(expected["by_weight"], f"{key},"), first
            if key != "meta-step 1":
                idea = later
            if not any(g is not None and g.any() for g in map(reply["by_weight"].get, of_step)):
                raise Lost(
                    f"nothing was in .grad when step() was called in {key}",
                    "the meta-gradient, in the .grad of every weight",
                    given,
                    "clear, backward, step: zero_grad() first, and step() last",
                )
            digits(reply["by_weight"], of_step, what="the gradient,", given=given, idea=idea)

    with report.criterion("the gradient of every weight, to ten digits", 1.5):
        for length, cells, n in ((5, 2, 5), (1, 3, 4)):
            asked, given = question(length, cells, n)
            expected, reply = run(asked), told(ask, asked, given)
            names = expected["by_weight"]
            mistakes = mistakes_in_meta_step(asked) | {
                "this is the gradient of the mean of the losses; the meta-loss is their sum": {
                    n: g / length for n, g in names.items()
                },
                "the sign is wrong": {n: -g for n, g in names.items()},
            }
            idea = recognise(
                reply["by_weight"],
                mistakes if length > 1 else {},
                "the surrogate is the sum over the window of <g_t, theta_t>, where g_t is the "
                "constant gradient at theta_t and theta_t has its graph",
            )
            judge_gradients(reply, expected, given, idea)
    with report.criterion("the meta-steps after it", 1):
        asked, given = question(2, cells=2, n=3, meta_steps=4)
        expected, reply = run(asked), told(ask, asked, given)
        judge_gradients(
            reply,
            expected,
            given,
            "the first of these meta-steps is not right yet; begin with the criterion above",
            "a meta-step begins with weights that the one before has moved, and where that one "
            "has ended; gradients in .grad add up unless zero_grad() clears them",
        )
    with report.criterion("meta-loss, theta and state come back, without a graph", 0.5):
        asked, given = question(3, cells=3, n=4)
        expected, reply = run(asked), told(ask, asked, given)
        ideas = {
            "meta_losses": "the meta-loss is the sum of the values after the updates; the "
            "surrogate has its gradient, but not its value",
            "thetas": "theta <- theta + update",
            "states": "the state after the window's last update",
        }
        for what, idea in ideas.items():
            word = {"meta_losses": "the meta-loss of", "thetas": "theta after"}.get(
                what, "the state after"
            )
            digits(reply[what], expected[what], what=word, given=given, idea=idea)
        if reply["with_graph"]:
            raise Lost(
                f"with a graph behind it: {', '.join(reply['with_graph'])}",
                "numbers and constants",
                given,
                "the next window begins with numbers: detach() theta, and h and c of every cell, "
                "and whoever keeps the meta-loss would keep the window's graph",
            )
        must_be_kept(
            reply["changed"], given, "theta += update changes the caller's theta; make a new one"
        )


def mistakes_in_meta_step(asked: dict) -> dict[str, Tensors]:
    """Gradients of surrogates that are not the right one."""

    def gradients(surrogate) -> Tensors:
        """Of a sum over the window, from the gradients g_0..g_U and the thetas theta_0..theta_U."""
        optimizer, task = reference(asked["probe_weights"]), Hidden(asked)
        theta, state = task.start(), turned(asked["probe_state"])
        thetas, found = [theta[0]], [loss_and_gradient(task, theta, 0)[1][0]]
        for _ in range(asked["length"]):
            updates, state = optimizer(found[-1], state)
            thetas.append(thetas[-1] + updates)
            found.append(loss_and_gradient(task, thetas[-1][None], 0)[1][0])
        by_weight = by_name(optimizer, surrogate(found, thetas))
        return {f"meta-step 1, {name}": gradient for name, gradient in by_weight.items()}

    return {
        "this is <g_(t-1), theta_t>: the gradient must be the one at theta_t, after the update": (
            gradients(lambda g, theta: sum(a @ b for a, b in zip(g, theta[1:], strict=False)))
        ),
        "this leaves out the last update: the window's last theta has a loss and a gradient too": (
            gradients(lambda g, theta: sum(a @ b for a, b in zip(g[:-1], theta, strict=False)))
        ),
        "this is <g_t, update>: every update moves all later thetas of the window": gradients(
            lambda g, theta: sum(
                a @ (b - c) for a, b, c in zip(g[1:], theta[1:], theta, strict=False)
            )
        ),
        "this is the last term alone; every theta of the window has one": gradients(
            lambda g, theta: g[-1] @ theta[-1]
        ),
    }


def _in_double(value):
    if isinstance(value, dict):
        return doubled(value)
    return value.double() if isinstance(value, Tensor) else value
