"""The exam of the meta-step in exercise 04: the meta-gradient of a batch, clipped, and the step."""

import math

import torch

from ...tape import Tape
from ...tasks import Quadratics
from ...unroll import Run, loss_and_gradient, meta_gradient
from ..examining import Lost, must_be_kept, recognise
from ..lstm_questions import (
    SCALE,
    by_name,
    close_all,
    digits,
    drawn,
    reference,
    starting,
    state_for,
    turned,
    turned_back,
    weights_for,
)
from ..wire import Tensors

FUNCTIONS, SIZE = 3, 4

#: How far above the norm a clip is that does nothing. No other factor of a mistake is like it.
FAR = 7.5


def exam_meta_step(generator, ask, report):
    """The meta-gradient of a batch; the clip; the steps after it; what comes back."""

    def question(length: int, meta_steps: int, size: tuple = (FUNCTIONS, SIZE)) -> dict:
        functions, n = size
        asked = {
            "probe_weights": weights_for(2, generator),
            "probe_state": state_for(2, functions * n, generator).double(),
            "probe_W": drawn((functions, n + 1, n), generator, 0.7).double(),
            "probe_y": drawn((functions, n + 1), generator).double(),
            "probe_scale": SCALE,
            "theta": drawn((functions, n), generator).double(),
            "length": length,
            "probe_rate": 0.03,
            "meta_steps": meta_steps,
        }
        asked["probe_weights"] = {n: w.double() for n, w in asked["probe_weights"].items()}
        asked["clip"] = FAR * norm_of(run_meta_steps(asked | {"meta_steps": 1, "clip": math.inf}))
        return asked

    def given(asked: dict) -> str:
        functions, size = asked["theta"].shape
        steps = asked["meta_steps"]
        times = f"{steps} meta-steps" if steps > 1 else "one meta-step"
        return f"{functions} functions of {size} coordinates, windows of {asked['length']}, {times}"

    with report.criterion("the meta-gradient is that of the mean over the functions", 1):
        for length, size in ((3, (FUNCTIONS, SIZE)), (1, (4, 2)), (2, (1, 3)), (2, (SIZE, SIZE))):
            asked = question(length, 1, size)
            reply, expected = ask(**asked), run_meta_steps(asked)
            names = expected["by_weight"]
            mistakes = mistakes_in_the_batch(asked, names) if size[0] > 1 and length > 1 else {}
            idea = recognise(
                reply["by_weight"],
                mistakes,
                "the surrogate is the sum over the window of <g, theta>, over all functions, "
                "divided by their number; g is what f gives at that theta",
            )
            digits(reply["by_weight"], names, what="the gradient,", given=given(asked), idea=idea)
    with report.criterion("a long meta-gradient is shortened to the clip, as a whole", 1):
        for share in (0.3, 0.1):
            asked = question(2, 1)
            long = run_meta_steps(asked)["by_weight"]
            norm = norm_of({"by_weight": long})
            asked["clip"] = share * norm
            words = f"{given(asked)}, a meta-gradient of norm {norm:.4g}, clip = {share * norm:.4g}"
            reply = ask(**asked)
            expected = {name: share * each for name, each in long.items()}
            mistakes = {
                "it was not clipped, or clipped after the step": long,
                "every weight's gradient was clipped by itself; the norm is that of all together": {
                    n: g * min(1.0, asked["clip"] / float(g.norm())) for n, g in long.items()
                },
                "every entry was clipped; that bends the direction": {
                    n: g.clamp(-asked["clip"], asked["clip"]) for n, g in long.items()
                },
            }
            idea = recognise(
                reply["by_weight"],
                mistakes,
                "after backward() and before step(), the gradients of all weights are multiplied "
                "with clip / norm, if the norm is larger than clip; or the meta-gradient is wrong "
                "anyway: begin with the criterion above",
            )
            close_all(
                reply["by_weight"],
                expected,
                what="the gradient,",
                given=words,
                idea=idea,
                tolerance=CLIP_TOLERANCE,
            )
    with report.criterion("the next meta-steps start from there", 0.5):
        asked = question(2, 3)
        asked["clip"] *= 1e6  # so that no later step meets it
        reply, expected = ask(**asked), run_meta_steps(asked)
        for number in range(1, asked["meta_steps"] + 1):
            key = f"meta-step {number}"
            idea = (
                "gradients in .grad add up unless zero_grad() clears them, and the step is the "
                "meta-optimizer's: once, and with its own memory"
                if number > 1
                else "the first meta-step is not right yet; begin with the criteria above"
            )
            for what, word in (("by_weight", "the gradient,"), ("weights", "the weights after")):
                digits(
                    reply[what],
                    starting(expected[what], key),
                    what=word,
                    given=given(asked),
                    idea=idea,
                )
    with report.criterion("meta-loss, theta and state come back as constants", 0.5):
        asked = question(3, 1)
        reply, expected = ask(**asked), run_meta_steps(asked)
        ideas = {
            "meta_losses": "the sum over the window of the mean loss after each update; the "
            "surrogate's value means nothing",
            "thetas": "theta <- theta + update, a row for each function",
            "states": "the state after the window's last update",
        }
        words = {"meta_losses": "the meta-loss of", "thetas": "theta after", "states": "the state"}
        for what, idea in ideas.items():
            digits(reply[what], expected[what], what=words[what], given=given(asked), idea=idea)
        if reply["with_graph"]:
            raise Lost(
                f"with a graph behind it: {', '.join(reply['with_graph'])}",
                "meta-loss, theta and state as constants",
                given(asked),
                "the next window begins with numbers: detach() theta, and h and c of every cell",
            )
        must_be_kept(
            reply["changed"],
            given(asked),
            "theta += ... and state[...] = ... write into what was given; make new ones",
        )


#: torch's clip divides by the norm plus a millionth.
CLIP_TOLERANCE = 1e-5


def norm_of(found: dict) -> float:
    """The norm of a meta-gradient, over all weights."""
    return float(torch.cat([g.flatten() for g in found["by_weight"].values()]).norm())


def run_meta_steps(asked: dict) -> dict:
    """The reference's meta-steps. A clip above the norm leaves the gradient as it is."""
    optimizer = reference(asked["probe_weights"])
    adam = torch.optim.Adam(optimizer.parameters(), lr=asked["probe_rate"])
    run = _begun(asked)
    tape = Tape(optimizer, run.theta.numel(), asked["length"])
    found = {"meta_losses": {}, "thetas": {}, "states": {}, "by_weight": {}, "weights": {}}
    for number in range(1, asked["meta_steps"] + 1):
        losses, gradients, run = meta_gradient(tape, run)
        run.state = [(h.clone(), c.clone()) for h, c in run.state]
        key = f"meta-step {number}"
        found["meta_losses"][key] = losses.mean(1).sum()
        found["thetas"][key], found["states"][key] = run.theta, turned_back(run.state)
        for weight, gradient in zip(optimizer.parameters(), gradients, strict=True):
            weight.grad = gradient.contiguous()
        torch.nn.utils.clip_grad_norm_(optimizer.parameters(), asked["clip"])
        for name, weight in optimizer.named_parameters():
            found["by_weight"][f"{key}, {name}"] = weight.grad.clone()
        adam.step()
        for name, weight in optimizer.named_parameters():
            found["weights"][f"{key}, {name}"] = weight.detach().clone()
    return found


def _begun(asked: dict) -> Run:
    """Where the first window begins."""
    task = Quadratics(asked["probe_W"], asked["probe_y"])
    loss, gradient = loss_and_gradient(task, asked["theta"], 0)
    return Run(task, asked["theta"], loss, gradient, turned(asked["probe_state"]), 0)


def mistakes_in_the_batch(asked: dict, right: Tensors) -> dict[str, Tensors]:
    """Meta-gradients that come from mistakes one knows."""
    functions, size = asked["theta"].shape

    def otherwise(factor: float = 1.0, pair: int = 0, skip: int = 0) -> Tensors:
        """The optimizer sees gradients times a factor; theta meets the gradient of steps before."""
        optimizer, begun = reference(asked["probe_weights"]), _begun(asked)
        theta, state, met, thetas = begun.theta, begun.state, [begun.gradient], []
        for _ in range(asked["length"]):
            updates, state = optimizer(factor * met[-1].flatten(), state)
            theta = theta + updates.view_as(theta)
            thetas.append(theta)
            met.append(loss_and_gradient(begun.task, theta, 0)[1])
        pairs = zip(met[1 - pair :], thetas[: len(thetas) - skip], strict=False)
        total = sum((g * theta).sum() for g, theta in pairs) / functions
        named = by_name(optimizer, total)
        return {f"meta-step 1, {name}": gradient for name, gradient in named.items()}

    return {
        "the optimizer saw gradients divided by the number of functions; it must see each "
        "function's own, whatever the batch": otherwise(factor=1 / functions),
        "this is the sum over the functions; take their mean": {
            n: functions * g for n, g in right.items()
        },
        "this is the mean over all coordinates; divide by the number of functions only": {
            n: g / size for n, g in right.items()
        },
        "this is the mean over the window as well; over the steps the losses add up": {
            n: g / asked["length"] for n, g in right.items()
        },
        "this pairs each theta with the gradient before its update": otherwise(pair=1),
        "this leaves out the last update of the window": otherwise(skip=1),
        "the sign is wrong": {n: -g for n, g in right.items()},
        "it was stretched to the clip; a meta-gradient that is shorter stays as it is": {
            n: FAR * g for n, g in right.items()
        },
    }
