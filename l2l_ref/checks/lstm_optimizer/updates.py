"""Question 3 of exercise 03: one step of many tensors, each coordinate with its own state."""

import torch

from ..examining import TOLERANCE, must_be_kept, normal, recognise, show, shuffled, told
from ..lstm_questions import (
    HIDDEN,
    SCALE,
    TEN_DIGITS,
    by_name,
    close_all,
    drawn,
    in_double,
    must_be_double,
    reference,
    weights_for,
)
from ..wire import Tensors
from .steps import ABOVE, WRONG_SIGN, judge_derivatives, resized

#: Two of one shape, others of one size; one without entries. Then names that are one where some
#: character, a part before or after a dot or the place of a dot does not count. What is no name
#: here, see `OWN_WORDS`, is that of a single number.
SHAPES = {
    "weight": (3, 2),
    "bias": (3,),
    "gain": (3, 2),
    "w10": (2, 3),
    "w2": (),
    "kernel": (1, 2, 2),
    "none": (0, 2),
    "0.weight": (3, 2),
    "0_weight": (3, 2),
    "module.weight": (3, 2),
    "weight.0": (3, 2),
    "weight0": (),
    "Weight": (3, 2),
    "w010": (2, 3),
    "w2.b1": (2,),
    "w21.b": (2,),
}
PLAIN, FEW = tuple(SHAPES)[:6], tuple(SHAPES)[:3]
ALIKE = ("weight", "w10", *tuple(SHAPES)[7:])


NOT_YOURS = (
    "pop() and gradients[name] = ... change the caller's dict, operations that end in an "
    "underscore the caller's tensor, backward() the .grad of the weights; attributes and modes of "
    "the optimizer are not yours either"
)


def step_all_question(
    generator: torch.Generator, count: int, cells: int = 2, names=PLAIN, kinds=()
) -> dict:
    """Gradients of some steps; the names come in another order each time, the second time
    backwards.
    """
    orders = [shuffled(names, generator) for _ in range(count)]
    orders[1:2] = [orders[0][::-1]] * (count > 1)
    shapes = {name: SHAPES.get(name, ()) for name in names}
    return {
        "probe_weights": weights_for(cells, generator),
        "probe_scale": SCALE,
        "gradients": {name: drawn((count, *shape), generator) for name, shape in shapes.items()},
        "orders": orders,
        "probes": normal(shapes, generator),
        "probe_kinds": list(kinds),
    }


def remembering(weights: Tensors) -> Tensors:
    """Weights with which early steps are felt much later, and rounding is not: halved, with the
    forget gates (the second rows of four) open.
    """
    halved = {name: weight / 2 for name, weight in weights.items()}
    for name, bias in halved.items():
        if name.endswith("bias_ih"):
            bias[HIDDEN : 2 * HIDDEN] += 3
    return halved


def run_all(asked: dict, detach: bool = False, reset: bool = False) -> tuple[Tensors, Tensors]:
    """The updates (steps, ...) of every name, and the derivatives of sum <probe, last update>.

    ``detach`` cuts the states' graph between steps, ``reset`` begins each with zeros. The
    derivatives are those in the weights of the first step.
    """
    moved, weights = asked.get("probe_moved", 1.0), asked["probe_weights"]
    optimizer, updates, total = reference(weights), {}, 0.0
    optimizers = [optimizer] * len(asked["orders"])
    if moved != 1:
        optimizers = [
            reference({name: moved**step * weight for name, weight in weights.items()})
            for step in range(len(asked["orders"]))
        ]
    sources = {n: g.double().requires_grad_() for n, g in asked["gradients"].items()}
    for name, gradients in sources.items():
        state, found = optimizer.initial_state(gradients[0].numel()), []
        for each, gradient in zip(optimizers, gradients, strict=True):
            if detach:
                state = [(h.detach(), c.detach()) for h, c in state]
            if reset:
                state = optimizer.initial_state(gradient.numel())
            update, state = each(gradient.flatten(), state)
            found.append(update.view_as(gradient))
        updates[name] = torch.stack(found)
        total = total + (asked["probes"][name].double() * found[-1]).sum()
    derivatives = by_name(optimizer, total)
    if not detach:
        ends = torch.autograd.grad(total, list(sources.values()))
        names = (f"the gradient of {name}" for name in sources)
        derivatives |= dict(zip(names, ends, strict=True))
    return {n: u.detach() for n, u in updates.items()}, derivatives


def told_all(ask, asked: dict, given: str, idea: str) -> tuple[dict, Tensors]:
    """Ask, and compare the updates of all steps. The reply, and the derivatives that are right.

    Raises:
        Lost: they differ.
    """
    reply, (expected, derivatives) = told(ask, asked, given), run_all(asked)
    judge_updates(asked, reply["updates"], expected, given, idea)
    return reply, derivatives


def judge_updates(asked: dict, got: Tensors, expected: Tensors, given: str, idea: str) -> None:
    """Compare the updates of all steps.

    Raises:
        Lost: they differ.
    """
    double = asked["probe_weights"]["output.bias"].dtype == torch.float64
    mistakes = {WRONG_SIGN: {n: -u for n, u in expected.items() if u.numel()}}
    if 1 < len(asked["orders"]) < 6:
        reset = {n: u for n, u in run_all(asked, reset=True)[0].items() if u.numel()}
        mistakes["these updates begin at every step with a fresh state: hand the states on"] = reset

    def by_step(updates: Tensors) -> Tensors:
        return {
            f"{name} in step {number}": update
            for name, each in updates.items()
            for number, update in enumerate(each, 1)
            if update.numel()
        }

    if not by_step(expected):
        return  # nothing but shapes, which have been seen to
    words = {"what": "the update of", "given": given, "idea": recognise(got, mistakes, idea)}
    tolerance = TEN_DIGITS if double else TOLERANCE
    close_all(by_step(got), by_step(expected), **words, tolerance=tolerance)


def exam_step_all(generator, ask, report):
    """Places; states; runs; the graph."""

    def question(count: int, **more) -> dict:
        return step_all_question(generator, count, **more)

    def tensors(names=PLAIN) -> str:
        return f"gradients of {', '.join(f'{n} {SHAPES[n]}' for n in names)}"

    with report.criterion(
        "each coordinate gets the update for its own gradient, in its place", 0.5
    ):
        place = (
            "flatten() reads a tensor row by row, and view_as(gradient) or reshape writes it back "
            "the same way; the optimizer works on each entry by itself, on none as well"
        )
        for names in (PLAIN, (*PLAIN, "none"), ("none",)):
            asked, given = question(1, names=names), f"{tensors(names)}; the first step"
            told_all(ask, asked, given, place)
        names = (*FEW, "none")
        asked, given = in_double(question(1, names=names)), f"{tensors(names)}; in float64"
        must_be_double(told_all(ask, asked, given, f"{place}; not float32")[0]["single"], given)
    with report.criterion("each state follows its coordinate from step to step", 1):
        told_all(
            ask,
            question(3, names=ALIKE),
            f"{tensors(ALIKE)}; 3 steps, the names in another order each time",
            "names count, not places or shapes: the state of a coordinate must be found under its "
            "tensor's very name, in whatever order the names come",
        )
        asked = resized(question(5, names=FEW, kinds=("strided",)), -8, 8, generator)
        words = judge_unusual_steps(ask, asked | {"probe_moved": 0.8}, tensors(FEW))
        if new := [word for word in words if word not in FEW]:
            asked = question(2, cells=12, names=(*FEW, *new))
            given = f"{tensors(FEW)} and, with 12 cells, of {', '.join(new)}, numbers without shape"
            told_all(ask, asked, f"{given}; 2 steps", OWN_WORDS)
    with report.criterion("two runs do not meet, and what was given stays", 0.5):
        asked = question(3, kinds=("frozen", "modes"))
        given = f"{tensors()}; 3 steps"
        must_be_kept(told_all(ask, asked, given, ABOVE)[0]["changed"], given, NOT_YOURS)
        shapes = {name: gradient.shape for name, gradient in asked["gradients"].items()}
        asked["other"] = {name: drawn(shape, generator) for name, shape in shapes.items()}
        asked["second"] = {name: drawn((*shape, 2), generator) for name, shape in shapes.items()}
        judge_two_runs(ask, asked, tensors())
    with report.criterion("the graph leads back through all steps", 0.5):
        for count, names, kinds in ((3, PLAIN, ("modes",)), (25, FEW, ("eval",))):
            asked = question(count, names=names, kinds=("graph", *kinds))
            if count > 3:
                asked["probe_weights"] = remembering(asked["probe_weights"])
            judge_graph_of_all(ask, asked, f"{tensors(names)}; {count} steps")


#: Said of words that an answer keeps things of its own under.
OWN_WORDS = (
    "these words stand in the states that you return, and any word may be a tensor's name: keep "
    "names and what is yours in places of their own, so that no two can meet"
)


def judge_unusual_steps(ask, asked: dict, tensors: str) -> list[str]:
    """Views at every other step, gradients of zero, and weights that move. The words in the states.

    Raises:
        Lost: the updates are not right.
    """
    asked["gradients"]["bias"][2:4] = 0
    size = show(asked["gradients"]["bias"][0])
    reply, _ = told_all(
        ask,
        asked,
        f"{tensors}; 5 steps, between which the optimizer's weights move. In steps 2 and 4 the "
        "gradients are views whose numbers do not lie row by row in memory; in steps 3 and 4 that "
        f"of bias is zero, in step 1 {size}",
        "the order of a tensor's entries is that of its indices, not of memory; a gradient of any "
        "size moves states, zero as well; and a state comes from the weights of its time",
    )
    return reply["words"]


#: Said where old states have changed.
WRITTEN = (
    "make new states and leave the old ones as they are: writing into the dict, the list or the "
    "tensors that were given changes them for the caller too"
)


def judge_two_runs(ask, asked: dict, tensors: str) -> None:
    """Runs side by side, tries, one tensor under two names, and the last step again.

    Raises:
        Lost: they meet, or something has changed.
    """
    count = len(asked["orders"])
    asked["gradients"]["gain"][1:] = asked["gradients"]["weight"][1:]
    given = (
        f"{tensors}; a second optimizee, whose tensors have these names and other shapes, takes "
        f"turns with the first, {count} steps each, and each step of the first is tried with other "
        "gradients as well, from the same states; after the first step weight and gain have one "
        "and the same tensor for a gradient"
    )
    idea = (
        "states travel in the arguments and in what is returned, and nowhere else: not in globals, "
        "in attributes of the optimizer or in default arguments, and neither do shapes. Every name "
        "has its own, and every step makes new ones: those that were given stay as they are"
    )
    reply = told(ask, asked, given)
    if reply["written"]:
        idea = WRITTEN
    judge_updates(asked, reply["updates"], run_all(asked)[0], given, idea)
    second = asked | {"gradients": asked["second"]}
    second["probes"] = {name: gradient[-1] for name, gradient in asked["second"].items()}
    judge_updates(
        second, reply["second"], run_all(second)[0], f"{given}; these are the second's", idea
    )
    last = {name: update[-1] for name, update in reply["updates"].items() if update.numel()}
    close_all(
        {name: reply["again"][name] for name in last},
        last,
        what="the update of",
        given="the states before the last step, for a second time",
        idea=WRITTEN,
    )
    must_be_kept(reply["changed"], given, NOT_YOURS)


def judge_graph_of_all(ask, asked: dict, given: str) -> None:
    """Where the graph leads to.

    Raises:
        Lost: it does not lead there.
    """
    reply, expected = told_all(ask, asked, given, ABOVE)
    expected = {name: e for name, e in expected.items() if e.numel()}
    judge_derivatives(
        reply["derivatives"],
        expected,
        {
            "these numbers know of the last step only: states keep their graph here": (
                run_all(asked, detach=True)[1]
            )
        },
        given=given,
        idea="flatten, view, split and cat are part of the graph, which leads to the weights and "
        "to the gradients in every mode; detach(), .data, item() and no_grad() are not",
    )
