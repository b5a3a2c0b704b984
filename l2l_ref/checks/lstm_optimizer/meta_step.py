"""The last question of exercise 03: the meta-gradient without a graph, to ten digits."""

import torch

from ...tape import Tape
from ...unroll import loss_and_gradient, meta_gradient
from ..examining import Lost, must_be_kept, recognise, told
from ..lstm_questions import by_name, digits, in_double, reference, starting, turned, turned_back
from ..wire import Tensors
from .run import META_OPTIMIZERS
from .steps import ABOVE
from .windows import Hidden, at_rest, problem, run_from

#: Windows whose gradient is judged: the loss, the length, cells, coordinates and circumstances.
WINDOWS = (
    ("logarithmic", 5, 2, 5, ("modes",)),
    ("logarithmic", 1, 3, 4, ("eval",)),
    ("negative", 25, 2, 2, ()),
    ("quadratic", 2, 12, 1, ()),
)


def half_a_square(asked: dict) -> dict:
    """The same question on a function whose gradient is theta itself."""
    W = torch.eye(len(asked["theta"]), dtype=torch.float64)
    return asked | {"probe_loss": "half", "probe_W": W, "probe_y": 0 * W[0]}


def meta_question(
    generator: torch.Generator, loss: str, length: int, cells: int, n: int, kinds=(), meta_steps=1
) -> tuple[dict, str]:
    """Some meta-steps, and what they are called."""
    asked = in_double(problem(loss, generator, cells, n))
    times = f"{meta_steps} meta-steps" if meta_steps > 1 else "one meta-step"
    given = f"{n} coordinates, {cells} cells, windows of {length}, {times}, float64"
    asked |= {"length": length, "meta_steps": meta_steps, "probe_kinds": list(kinds)}
    return asked | {"probe_rate": 0.03, "probe_meta": "SGD"}, given


def run_meta_steps(asked: dict) -> dict:
    """The reference's meta-steps."""
    optimizer, run = reference(asked["probe_weights"]), run_from(asked)
    if "frozen" in asked["probe_kinds"]:
        optimizer.cells[0].requires_grad_(False)
    named = [(name, w) for name, w in optimizer.named_parameters() if w.requires_grad]
    make = META_OPTIMIZERS[asked["probe_meta"]]
    meta_optimizer = make([weight for _, weight in named], asked["probe_rate"])
    found = {"meta_losses": {}, "thetas": {}, "states": {}, "by_weight": {}, "weights": {}}
    tape = Tape(optimizer, run.theta.numel(), asked["length"])
    for number in range(1, asked["meta_steps"] + 1):
        losses, gradients, run = meta_gradient(tape, run)
        key = f"meta-step {number}"
        found["meta_losses"][key] = losses.sum()
        found["thetas"][key] = run.theta[0]
        run.state = [(h.clone(), c.clone()) for h, c in run.state]
        found["states"][key] = turned_back(run.state)
        for weight, gradient in zip(optimizer.parameters(), gradients, strict=True):
            weight.grad = gradient.clone()
        meta_optimizer.step()
        for name, weight in named:
            found["by_weight"][f"{key}, {name}"] = weight.grad
            found["weights"][f"{key}, {name}"] = weight.detach().clone()
        if "unused" in asked["probe_kinds"]:
            found["weights"][f"{key}, unused.0"] = torch.ones_like(run.theta[0])
    return found


def judge_gradients(reply: dict, expected: dict, given: str, first: str, later: str = "") -> None:
    """The gradients along which the meta-optimizer went, step by step, and where it came to.

    Raises:
        Lost: they differ.
    """
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
        weights = starting(expected["weights"], f"{key},")
        moves = (
            "the weights move in meta_optimizer.step(), and nothing else moves them; one that the "
            "window does not use stays, whatever was in its .grad"
        )
        digits(reply["weights"], weights, what="afterwards,", given=given, idea=moves)


def exam_meta_step(generator, ask, report):
    """One gradient to ten digits; the steps after it; what comes back."""
    with report.criterion("the gradient of every weight, to ten digits", 1.5):
        for number, (loss, length, cells, n, kinds) in enumerate(WINDOWS):
            asked, given = meta_question(generator, loss, length, cells, n, kinds)
            judge_one(ask, asked, given, recognised=number == 0)
        asked, given = meta_question(generator, "quadratic", 3, 2, 3)
        for called, more in circumstances(asked).items():
            judge_one(ask, asked | more, f"{given}; {called}")
    with report.criterion("the meta-steps after it", 1):
        first_is_right = report.criteria[0].lost is None
        for length, meta_steps, meta, kind, before in (
            (2, 4, "SGD", "before", "full"),
            (1, 15, "SGD with momentum, in two groups", "blown up", "NaN or inf"),
        ):
            kinds = [kind, "unused"]
            asked, given = meta_question(generator, "logarithmic", length, 2, 3, kinds, meta_steps)
            asked["probe_meta"] = meta
            given = f"{given}, {meta}; .grad is {before} before, and one weight has no use"
            expected = run_meta_steps(asked)
            judge_gradients(
                told(ask, asked, given),
                expected,
                given,
                "gradients in .grad add up unless zero_grad() clears them (0 times NaN is NaN), "
                "and a meta_optimizer may hold its weights in several groups"
                if first_is_right
                else ABOVE,
                "a meta-step begins with weights that the one before has moved, and where that one "
                "has ended; gradients in .grad add up unless zero_grad() clears them",
            )
    with report.criterion("meta-loss, theta and state come back, without a graph", 0.5):
        asked, given = meta_question(generator, "logarithmic", 3, 3, 4, ["frozen", "modes"], 2)
        asked["probe_rate"] = 0.0  # where a wrong gradient does no harm
        given = f"{given}, the first cell is frozen"
        judge_what_comes_back(ask, asked, given)
        given = f"{given}; the loss is |theta|^2 / 2, and its gradient a view of the theta shown"
        judge_what_comes_back(ask, half_a_square(asked), given)


def circumstances(asked: dict) -> dict[str, dict]:
    """What a window may be like, in words, and how the question becomes one; in most of them some
    number that is no part of the meta-gradient is zero or infinite, or takes digits from it.
    """
    W, y, theta = (asked[name] for name in ("probe_W", "probe_y", "theta"))
    return {
        "the first gradient is zero": {"probe_y": W @ theta},
        "theta and all updates are zero": {"theta": 0 * theta} | at_rest(asked),
        "the losses are large": {"probe_W": 1e2 * W, "probe_y": 1e2 * y},
        "theta is large, and the losses are infinite": {
            "probe_y": 1e155 * y,
            "theta": 1e155 * theta,
        },
        "all gradients are small": {"probe_W": 1e-10 * W},
        "the first gradient is far larger than those after it": {
            "probe_loss": "logarithmic",
            "probe_W": 1e9 * W,
            "theta": 0 * theta,
        },
    }


def judge_one(ask, asked: dict, given: str, recognised: bool = False) -> None:
    """The gradient of a single meta-step.

    Raises:
        Lost: it is not right.
    """
    expected, reply = run_meta_steps(asked), told(ask, asked, given)
    names, mistakes = expected["by_weight"], {}
    if recognised:
        mistakes = mistakes_in_meta_step(asked) | {
            "this is the gradient of the mean of the losses; the meta-loss is their sum": {
                n: g / asked["length"] for n, g in names.items()
            },
            "the sign is wrong": {n: -g for n, g in names.items()},
        }
    idea = recognise(
        reply["by_weight"],
        mistakes,
        "the surrogate is the sum over the window of <nabla_t, theta_t>, where nabla_t is the "
        "constant gradient at theta_t and theta_t has its graph; its gradient is taken as it is",
    )
    judge_gradients(reply, expected, given, idea)


def judge_what_comes_back(ask, asked: dict, given: str) -> None:
    """Values; no graph; nothing asked twice; nothing left behind.

    Raises:
        Lost: something is not right.
    """
    expected, reply = run_meta_steps(asked), told(ask, asked, given)
    ideas = {
        "meta_losses": (
            "the meta-loss of",
            "the meta-loss is the sum of the values after the updates; the surrogate has its "
            "gradient, but not its value",
        ),
        "thetas": ("theta after", "theta <- theta + update"),
        "states": ("the state after", "the state after the window's last update"),
    }
    for what, (word, idea) in ideas.items():
        digits(reply[what], expected[what], what=word, given=given, idea=idea)
    if reply["with_graph"]:
        raise Lost(
            f"with a graph behind it: {', '.join(reply['with_graph'])}",
            "numbers and constants",
            given,
            "the next window begins with numbers: detach() theta, and h and c of every cell, "
            "and whoever keeps the meta-loss would keep the window's graph",
        )
    thetas = asked["length"] + 1
    if calls := [number for number in reply["calls"] if number != thetas]:
        raise Lost(
            f"optimizee was called {calls[0]} times in a window of {asked['length']} updates",
            f"{thetas} times, once at each theta",
            given,
            "keep the gradient: it is a factor in the surrogate, and the optimizer's next input. "
            "Keep none for the next meta-step, which may be on another function",
        )
    must_be_kept(
        reply["changed"],
        given,
        "theta += update changes the caller's theta, value += ... what optimizee has returned, "
        "detach_() and state[k] = ... what the optimizer has; make new "
        "ones. Only the weights that meta_optimizer holds may move, and no mode",
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
        "this is <nabla_(t-1), theta_t>: the gradient must be that at theta_t, after the update": (
            gradients(lambda g, theta: sum(a @ b for a, b in zip(g, theta[1:], strict=False)))
        ),
        "this leaves out the last update: the window's last theta has a loss and a gradient too": (
            gradients(lambda g, theta: sum(a @ b for a, b in zip(g[:-1], theta, strict=False)))
        ),
        "this is <nabla_t, update>: every update moves all later thetas of the window": gradients(
            lambda g, theta: sum(
                a @ (b - c) for a, b, c in zip(g[1:], theta[1:], theta, strict=False)
            )
        ),
        "this is the last term alone; every theta of the window has one": gradients(
            lambda g, theta: g[-1] @ theta[-1]
        ),
    }
