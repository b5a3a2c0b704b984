"""The exam of the meta-step in exercise 04: the meta-gradient of a batch, clipped, and the step."""

import math
from collections.abc import Callable

import torch

from ...tasks import Quadratics
from ...unroll import Run, loss_and_gradient, unroll
from ..examining import Lost, must_be_kept, recognise, told
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
from .networks import WITH_PARTS, adam_of, share_and_freeze

FUNCTIONS, SIZE = 3, 4

#: How far above the norm a clip is that does nothing. No other factor of a mistake is like it.
FAR = 7.5


def exam_meta_step(generator, ask, report):
    """The meta-gradient of a batch; the clip; the steps after it; what comes back."""
    with report.criterion("the meta-gradient is that of the mean over the functions", 1):
        for length, size, cells, way in (
            (3, (FUNCTIONS, SIZE), 2, ""),
            (1, (4, 2), 1, ""),
            (2, (1, 3), 3, ""),
            (2, (SIZE, SIZE), 2, "turned"),
            (30, (2, 1), 1, ""),
        ):
            asked = _question(generator, length, 1, size, cells, way)
            _judge_meta_gradient(ask, asked)
        asked = _question(generator, 2, 1)
        _judge_meta_gradient(ask, asked | {"clip": math.inf})
        zeros = torch.zeros_like(asked["probe_W"])
        _judge_meta_gradient(ask, asked | {"probe_W": zeros, "clip": 1.0})
    with report.criterion("a long meta-gradient is shortened to the clip, as a whole", 1):
        # so short that a gradient divided by the number of coordinates is clipped as well
        for share, way in ((0.2, ""), (0.1, ""), (0.15, "parts"), (0.0, "")):
            _judge_clip(ask, _question(generator, 2, 1, way=way), share, report.criteria[0].lost)
    with report.criterion("the next meta-steps start from there", 0.5):
        # Whoever cannot deal with a frozen weight has lost the criterion before.
        for way in ("", "earlier") if report.criteria[1].lost else ("", "earlier", "frozen later"):
            asked = _question(generator, 2, 3, way=way)
            asked["clip"] *= 1e6  # so that no later step meets it
            _judge_steps(ask, asked)
    with report.criterion("meta-loss, theta and state come back as constants; the rest stays", 0.5):
        for cells in (2, 3):
            _judge_what_comes_back(ask, _question(generator, 3, 1, cells=cells))


def _question(
    generator: torch.Generator,
    length: int,
    meta_steps: int,
    size: tuple = (FUNCTIONS, SIZE),
    cells: int = 2,
    way: str = "",
) -> dict:
    """Windows on a batch of functions, with a clip that does nothing."""
    functions, n = size
    weights = weights_for(cells, generator)
    if way in WITH_PARTS:  # see `share_and_freeze`
        weights["cells.1.weight_hh"] = weights["cells.0.weight_hh"]
    asked = {
        "probe_weights": {name: w.double() for name, w in weights.items()},
        "probe_state": state_for(cells, functions * n, generator).double(),
        "probe_W": drawn((functions, n + 1, n), generator, 0.7).double(),
        "probe_y": drawn((functions, n + 1), generator).double(),
        "probe_scale": SCALE,
        "theta": drawn((functions, n), generator).double(),
        "length": length,
        "probe_rate": 0.03,
        "meta_steps": meta_steps,
        "probe_way": way,
    }
    asked["clip"] = FAR * norm_of(run_meta_steps(asked | {"meta_steps": 1, "clip": math.inf}))
    return asked


#: What a student should know of a question besides.
WAYS = {
    "": "",
    "turned": "; everything lies in memory as a transposed view does",
    "earlier": "; something from before is in every .grad",
    "parts": "; two cells share a weight, a bias is frozen, the meta-optimizer has two groups",
    "frozen later": "; two cells share a weight, a bias was frozen only now, and something from "
    "before is in its .grad; the meta-optimizer is AdamW",
}


def _given(asked: dict) -> str:
    functions, size = asked["theta"].shape
    steps, cells = asked["meta_steps"], len(asked["probe_state"])
    times = f"{steps} meta-steps" if steps > 1 else "one meta-step"
    clip = "; clip = inf" if asked["clip"] == math.inf else ""
    clip = clip if asked["probe_W"].any() else "; the meta-gradient is zero, the clip 1"
    return (
        f"{functions} functions of {size} coordinates, {cells} cell{'s' if cells > 1 else ''}, "
        f"windows of {asked['length']}, {times}{WAYS[asked['probe_way']]}{clip}"
    )


def _judge_meta_gradient(ask: Callable, asked: dict) -> None:
    """With a clip that does nothing.

    Raises:
        Lost: it is wrong.
    """
    functions, length = len(asked["theta"]), asked["length"]
    reply, names = told(ask, asked, _given(asked)), run_meta_steps(asked)["by_weight"]
    several = functions > 1 and length > 1 and asked["probe_W"].any()
    mistakes = mistakes_in_the_batch(asked, names) if several else {}
    idea = recognise(
        reply["by_weight"],
        mistakes,
        "the surrogate is the sum over the window of <nabla, theta>, over all functions, "
        "divided by their number; nabla is what f gives at that theta; no clip is met here",
    )
    digits(reply["by_weight"], names, what="the gradient,", given=_given(asked), idea=idea)


def _judge_clip(ask: Callable, asked: dict, share: float, paid: Lost | None) -> None:
    """With a clip that is a share of the norm.

    Args:
        paid: what is wrong with the meta-gradient anyway.

    Raises:
        Lost: the meta-gradient is not shortened to it.
    """
    long = run_meta_steps(asked)["by_weight"]
    norm = norm_of({"by_weight": long})
    clip = asked["clip"] = share * norm
    given = f"{_given(asked)}, a meta-gradient of norm {norm:.4g}, clip = {clip:.4g}"
    reply = told(ask, asked, given)
    mistakes = {
        "it was not clipped, or clipped after the step": long,
        "every weight's gradient was clipped by itself; the norm is that of all together": {
            n: g * min(1.0, clip / float(g.norm().clamp(min=1e-9))) for n, g in long.items()
        },
        "every entry was clipped; that bends the direction": {
            n: g.clamp(-clip, clip) for n, g in long.items()
        },
    }
    idea = recognise(
        reply["by_weight"],
        mistakes if share else {},
        "the meta-gradient is wrong before it is clipped: begin with the criterion above"
        if paid
        else "after backward() and before step(), the gradients of all weights are multiplied "
        "with clip / norm, if the norm is larger than clip, and only then",
    )
    close_all(
        reply["by_weight"],
        {name: share * each for name, each in long.items()},
        what="the gradient,",
        given=given,
        idea=idea,
        tolerance=CLIP_TOLERANCE,
    )


def _judge_steps(ask: Callable, asked: dict) -> None:
    """The gradients and the weights of some meta-steps in a row.

    Raises:
        Lost: they are wrong.
    """
    reply, expected = told(ask, asked, _given(asked)), run_meta_steps(asked)
    for number in range(1, asked["meta_steps"] + 1):
        key = f"meta-step {number}"
        idea = (
            "gradients in .grad add up unless zero_grad() clears them before backward(), the "
            "step is the meta-optimizer's: once, and with its own memory; and it moves a frozen "
            "weight too, if there is anything but None in its .grad, be it zeros"
            if number > 1 or asked["probe_way"]
            else "the first meta-step is not right yet; begin with the criteria above"
        )
        for what, word in (("by_weight", "the gradient,"), ("weights", "the weights after")):
            right = starting(expected[what], key)
            digits(reply[what], right, what=word, given=_given(asked), idea=idea)


def _judge_what_comes_back(ask: Callable, asked: dict) -> None:
    """The meta-loss, theta and the state, and that nothing else has changed.

    Raises:
        Lost: something is wrong.
    """
    given = _given(asked)
    reply, expected = told(ask, asked, given), run_meta_steps(asked)
    ideas = {
        "meta_losses": "the sum over the window of the mean loss after each update; the "
        "surrogate's value means nothing",
        "thetas": "theta <- theta + update, a row for each function",
        "states": "the state after the window's last update",
    }
    words = {"meta_losses": "the meta-loss of", "thetas": "theta after", "states": "the state"}
    for what, idea in ideas.items():
        digits(reply[what], expected[what], what=words[what], given=given, idea=idea)
    if reply["with_graph"]:
        raise Lost(
            f"with a graph behind it: {', '.join(reply['with_graph'])}",
            "meta-loss, theta and state as constants",
            given,
            "the next window begins with numbers: theta, and h and c of every cell",
        )
    must_be_kept(
        reply["changed"],
        given,
        "theta += ... and state[...] = ... write into what was given; make new ones. Of the "
        "optimizer only the weights' numbers and .grad may change: no train(), no eval()",
    )


#: torch's clip divides by the norm plus a millionth.
CLIP_TOLERANCE = 1e-5


def norm_of(found: dict) -> float:
    """The norm of a meta-gradient, over all weights."""
    return float(torch.cat([g.flatten() for g in found["by_weight"].values()]).norm())


def run_meta_steps(asked: dict) -> dict:
    """The reference's meta-steps. A clip above the norm leaves the gradient as it is."""
    optimizer, way = reference(asked["probe_weights"]), asked.get("probe_way", "")
    if way in WITH_PARTS:
        share_and_freeze(optimizer)
    adam = adam_of(optimizer, asked["probe_rate"], way)
    run, weights = _begun(asked), [w for w in optimizer.parameters() if w.requires_grad]
    found = {"meta_losses": {}, "thetas": {}, "states": {}, "by_weight": {}, "weights": {}}
    for number in range(1, asked["meta_steps"] + 1):
        losses, run = unroll(optimizer, run, asked["length"])
        key, total = f"meta-step {number}", losses.mean(1).sum()
        found["meta_losses"][key] = total.detach()
        found["thetas"][key], found["states"][key] = run.theta, turned_back(run.state)
        gradients = torch.autograd.grad(total, weights)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient.contiguous()
        torch.nn.utils.clip_grad_norm_(weights, asked["clip"])
        for name, weight in optimizer.named_parameters():
            if weight.requires_grad:
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
