"""The questions of exercise 03 on one step: of one vector of coordinates, and of many tensors."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..examining import (
    TOLERANCE,
    close,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    shuffled,
    told,
)
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
    state_for,
    turned,
    weights_for,
)
from ..wire import Tensors

#: Said in more than one question.
ABOVE = "the numbers are not right yet; begin with the criteria above"
WRONG_SIGN = (
    "the sign is wrong: the optimizer's output is the update itself, which is added to theta"
)


def judge_derivatives(
    got: Mapping[str, Tensor | None],
    expected: Tensors,
    mistakes: Mapping[str, Tensors],
    *,
    given: str,
    idea: str,
) -> None:
    """Compare derivatives by the weights' names; a known mistake is called by its name.

    Raises:
        Lost: they differ.
    """
    if all(each is None for each in got.values()):
        idea = (
            "something cuts every path to the optimizer's weights: detach(), .data, item() or "
            "no_grad() on the updates, or a loss that comes before all of them"
        )
    idea = recognise(got, mistakes, idea)
    close_all(got, expected, what="the derivative in", given=given, idea=idea)


# 2. step


def step_question(
    generator: torch.Generator, cells: int, n: int, steps: int, kinds: tuple = ()
) -> dict:
    """An optimizer in the middle of a run, and the gradients of some steps."""
    asked = {
        "probe_weights": weights_for(cells, generator),
        "probe_state": state_for(cells, n, generator),
        "probe_scale": float(rate_near(3.0, generator)),
        "gradients": drawn((steps, n), generator),
        "probe_kinds": list(kinds),
    }
    if "tied" in kinds:
        weights = asked["probe_weights"]
        weights |= {n.replace("s.1.", "s.2."): w for n, w in weights.items() if "s.1." in n}
    asked["probes"] = {
        "updates": drawn((steps, n), generator),
        "state": drawn(asked["probe_state"].shape, generator),
    }
    return asked


def run_steps(asked: dict, forget: bool = False) -> tuple[Tensor, Tensor, Tensors]:
    """The reference's updates, its last state, and the derivatives of their sum with the probes.

    ``forget`` cuts the state's graph before each step.
    """
    optimizer = reference(asked["probe_weights"], asked["probe_scale"])
    gradients = asked["gradients"].double().requires_grad_()
    begin = asked["probe_state"].double().requires_grad_()
    updates, state = [], turned(begin)
    for gradient in gradients:
        if forget:
            state = [(h.detach(), c.detach()) for h, c in state]
        update, state = optimizer(gradient, state)
        updates.append(update)
    updates, after = torch.stack(updates), torch.stack([torch.stack([h.T, c.T]) for h, c in state])
    probes = {name: probe.double() for name, probe in asked["probes"].items()}
    total = (probes["updates"] * updates).sum() + (probes["state"] * after).sum()
    derivatives = by_name(optimizer, total)
    if not forget:
        ends = torch.autograd.grad(total, [gradients, begin])
        derivatives |= dict(zip(("the gradients", "the state"), ends, strict=True))
    return updates.detach(), after.detach(), derivatives


def exam_step(generator, ask, report):
    """Updates and state; any number of coordinates and cells; the graph."""

    def judge(asked: dict, idea: str, more: str = "") -> dict:
        cells, _, n, _ = asked["probe_state"].shape
        given = (
            f"{n} coordinate{'s' if n > 1 else ''}, {cells} cell{'s' if cells > 1 else ''}{more}"
        )
        reply, (updates, state, _) = told(ask, asked, given), run_steps(asked)
        judge_step(asked, reply, updates, state, given, idea)
        return reply | {"given": given}

    def question(*sizes: int, kinds: tuple = ()) -> dict:
        return step_question(generator, *sizes, kinds)

    with report.criterion("the updates and the new state; what was given stays", 1):
        rule = (
            "a cell takes (n, features) and (h, c): the first cell sees the gradient, each further "
            "one the new h of the cell below; output reads the update off the last h"
        )
        one = question(2, 5, 1, kinds=("modes", "frozen")) | {"probe_moved": -0.6}
        for asked, more in ((one, ""), (question(2, 4, 3), ", 3 steps in a row")):
            reply = judge(asked, rule, more)
            must_be_kept(
                reply["changed"],
                reply["given"],
                "state[k] = ... writes into the list that was given, and operations that end in an "
                "underscore into a tensor; collect the new pairs in a list of your own. What an "
                "earlier step has returned is not yours any more. Modes, requires_grad and .grad "
                "of the weights belong to whoever trains",
            )
            if "moved" in reply:
                judge_moved(asked, reply)
    with report.criterion("any number of coordinates and of cells, and any gradients", 0.5):
        rows = (
            "every coordinate is a row of its own, with one feature, and loops go over "
            "optimizer.cells, however many there are, in their order; a cell that stands at two "
            "places has two states"
        )
        for cells, n, kinds in SIZES:
            named = f", {' and '.join(KINDS[kind] for kind in kinds)}" if kinds else ""
            judge(question(cells, n, 1, kinds=kinds), rows, named)
        for gradients in GRADIENTS:
            asked = question(2, len(gradients), 1) | {"gradients": torch.tensor([gradients])}
            judge(asked, ITSELF, f", the gradients {', '.join(map(str, gradients))}")
        double = "nothing on the way may be float32: no float(), no tensor of the default dtype"
        judge(in_double(question(2, 3, 2)) | {"probe_scale": 0.1}, double, ", float64")
        nothing = "the scale is read as it is, and 0 is a scale"
        judge(question(2, 3, 1) | {"probe_scale": 0.0}, nothing, ", the scale 0")
    with report.criterion("the graph leads back to every weight, through the state as well", 1):
        for kinds, steps in ((("graph", "modes"), 25), (("graph", "eval"), 3)):
            asked = question(2, 3, steps, kinds=kinds)
            judge_graph_of_steps(ask, asked, f"3 coordinates, 2 cells, {steps} steps in a row")
        asked = question(2, 3, 2, kinds=("graph",))
        asked["probe_state"] = torch.zeros_like(asked["probe_state"])
        judge_graph_of_steps(ask, asked, "3 coordinates, 2 cells, 2 steps from a state of zeros")
        asked, frozen = question(2, 3, 2, kinds=("graph", "all frozen")), "all weights frozen"
        judge_graph_of_steps(ask, asked, f"3 coordinates, 2 cells, 2 steps in a row, {frozen}")


#: Cells, coordinates and circumstances.
SIZES = (
    (2, 1, ()),
    (1, 7, ()),
    (3, 4, ()),
    (2, HIDDEN, ()),
    (12, 2, ()),
    (3, 3, ("tied",)),
    (2, 5, ("strided",)),
)

#: What circumstances are called.
KINDS = {
    "tied": "the third of them the very same as the second",
    "strided": "gradients and state views of larger tensors",
}

#: What a step sees besides usual ones.
GRADIENTS = ([0.0, 0.0, 0.0], [0.0, 1e-30, -1e3, 1e12], [0.5, math.nan, -20.0])
ITSELF = (
    "the first cell sees the gradient itself, whatever it is: zero is a gradient as well, large "
    "ones are not clipped, and a coordinate with a NaN keeps it to itself"
)


def judge_step(
    asked: dict, reply: dict, updates: Tensor, state: Tensor, given: str, idea: str
) -> None:
    """Compare updates and the last state.

    Raises:
        Lost: they differ.
    """
    old = {"this is the old state: return what the cells have given": asked["probe_state"]}
    idea = recognise(reply, {say: {"state": state} for say, state in old.items()}, idea)
    idea = recognise(reply, mistakes_in_updates(asked, updates), idea)
    nan = 10.0 if asked["gradients"].isnan().any() else None  # then NaN is an answer as well

    def named(updates: Tensor, state: Tensor) -> Tensors:
        pairs = {
            f"{name} of cell {k} afterwards": state[k, place]
            for k in range(len(state))
            for place, name in enumerate("hc")
        }
        named = {"the updates": updates} | pairs
        return named if nan is None else {n: t.nan_to_num(nan=nan) for n, t in named.items()}

    got, expected = named(reply["updates"], reply["state"]), named(updates, state)
    tolerance = TEN_DIGITS if asked["gradients"].dtype == torch.float64 else TOLERANCE
    close_all(got, expected, what="", given=given, idea=idea, tolerance=tolerance)


def judge_moved(asked: dict, reply: dict) -> None:
    """Steps after the scale has moved, then the output layer as well, then the cells as well.

    Raises:
        Lost: one is not that of the weights as they are then.
    """
    factor, now = asked["probe_moved"], asked
    for part, updates in reply["moved"].items():
        if part == "scale":
            now = now | {"probe_scale": factor * now["probe_scale"]}
        weights = now["probe_weights"]
        moved = {n: factor * w.double() if n.startswith(part) else w for n, w in weights.items()}
        now = now | {"probe_weights": moved}
        close(
            updates,
            run_steps(now)[0][0],
            what="the updates",
            given=f"{reply['given']}; then once more, after optimizer.{part} has moved",
            idea="every call reads weights and scale as they are then: keep nothing of them",
        )


def judge_graph_of_steps(ask, asked: dict, given: str) -> None:
    """Where the graph leads to.

    Raises:
        Lost: it does not lead there.
    """
    reply, (updates, _, expected) = told(ask, asked, given), run_steps(asked)
    all_frozen = "all frozen" in asked["probe_kinds"]
    if all_frozen:
        expected = {name: expected[name] for name in ("the gradients", "the state")}
    close(reply["updates"], updates, what="the updates of all steps", given=given, idea=ABOVE)
    one_step = {
        "these numbers know of one step at a time: the state that a step hands on must keep "
        "its graph, and where to cut is for the training to say": run_steps(asked, True)[2]
    }
    judge_derivatives(
        reply["derivatives"],
        expected,
        {} if all_frozen else one_step,
        given=given,
        idea="the updates and the state must be computed from optimizer's own cells and output, "
        "from the gradients and from the state, at every step and in every mode, without "
        "detach(), .data, item() or no_grad()",
    )


def mistakes_in_updates(asked: dict, updates: Tensor) -> dict[str, Tensors]:
    """Updates of a single step that come from mistakes one knows."""
    state = asked["probe_state"]
    if len(updates) > 1:
        return {}

    def otherwise(state: Tensor) -> Tensors:
        optimizer = reference(asked["probe_weights"], asked["probe_scale"])
        found = optimizer(asked["gradients"][0].double(), turned(state))[0]
        return {"updates": found.detach()[None]}

    return {
        "these updates lack the factor optimizer.scale": {
            "updates": updates / asked["probe_scale"]
        },
        WRONG_SIGN: {"updates": -updates},
        "these updates come from a state of zeros: go on from the state that is given": (
            otherwise(torch.zeros_like(state))
        ),
        "h and c have changed places: a state is (h, c), in this order": otherwise(state.flip(1)),
    }


# 3. step_all

#: Two of one shape, others of one size.
SHAPES = {
    "weight": (3, 2),
    "bias": (3,),
    "gain": (3, 2),
    "w10": (2, 3),
    "w2": (),
    "kernel": (1, 2, 2),
    "0.weight": (3, 2),
    "0_weight": (3, 2),
    "Bias": (3,),
    "none": (0, 2),
}
PLAIN, FEW = tuple(SHAPES)[:6], tuple(SHAPES)[:3]
ALIKE = tuple(SHAPES)[:9]  # names that resemble one another


NOT_YOURS = (
    "pop() and gradients[name] = ... change the caller's dict, operations that end in an "
    "underscore the caller's tensor, backward() the .grad of the weights; attributes and modes of "
    "the optimizer are not yours either"
)


def step_all_question(
    generator: torch.Generator, count: int, cells: int = 2, names=PLAIN, kinds=()
) -> dict:
    """Gradients of some steps; the names come in another order each time."""
    orders = [shuffled(names, generator) for _ in range(count)]
    return {
        "probe_weights": weights_for(cells, generator),
        "probe_scale": SCALE,
        "gradients": {n: drawn((count, *SHAPES[n]), generator) for n in names},
        "orders": orders,
        "probes": normal({name: SHAPES[name] for name in names}, generator),
        "probe_kinds": list(kinds),
    }


def run_all(asked: dict, detach: bool = False, reset: bool = False) -> tuple[Tensors, Tensors]:
    """The updates (steps, ...) of every name, and the derivatives of sum <probe, last update>.

    ``detach`` cuts the states' graph between steps, ``reset`` begins each with zeros.
    """
    optimizer, updates, total = reference(asked["probe_weights"]), {}, 0.0
    sources = {n: g.double().requires_grad_() for n, g in asked["gradients"].items()}
    for name, gradients in sources.items():
        state, found = optimizer.initial_state(gradients[0].numel()), []
        for gradient in gradients:
            if detach:
                state = [(h.detach(), c.detach()) for h, c in state]
            if reset:
                state = optimizer.initial_state(gradient.numel())
            update, state = optimizer(gradient.flatten(), state)
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
    got, tolerance = reply["updates"], TOLERANCE
    if asked["probe_weights"]["output.bias"].dtype == torch.float64:
        tolerance = TEN_DIGITS
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

    idea = recognise(got, mistakes, idea)
    words = {"what": "the update of", "given": given, "idea": idea}
    close_all(by_step(got), by_step(expected), **words, tolerance=tolerance)
    return reply, derivatives


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
        for names in (PLAIN, tuple(SHAPES)):
            asked, given = question(1, names=names), f"{tensors(names)}; the first step"
            told_all(ask, asked, given, place)
        names = (*FEW, "none")
        asked, given = in_double(question(1, names=names)), f"{tensors(names)}; in float64"
        must_be_double(told_all(ask, asked, given, f"{place}; not float32")[0]["single"], given)
    with report.criterion("each state follows its coordinate from step to step", 1):
        told_all(
            ask,
            question(4, cells=3, names=ALIKE),
            f"{tensors(ALIKE)}; 4 steps, the names in another order each time",
            "names count, not places or shapes: the state of a coordinate must be found under its "
            "tensor's very name, in whatever order the names come",
        )
        judge_unusual_gradients(ask, question(5, names=FEW, kinds=("strided",)), tensors(FEW))
    with report.criterion("two runs do not meet, and what was given stays", 0.5):
        asked = question(3, kinds=("frozen", "modes"))
        given = f"{tensors()}; 3 steps"
        must_be_kept(told_all(ask, asked, given, ABOVE)[0]["changed"], given, NOT_YOURS)
        asked["other"] = {n: drawn(g.shape, generator) for n, g in asked["gradients"].items()}
        judge_two_runs(ask, asked, tensors())
    with report.criterion("the graph leads back through all steps", 0.5):
        for count, names, kinds in ((3, PLAIN, ("modes",)), (25, FEW, ("eval",))):
            asked = question(count, names=names, kinds=("graph", *kinds))
            judge_graph_of_all(ask, asked, f"{tensors(names)}; {count} steps")


def judge_unusual_gradients(ask, asked: dict, tensors: str) -> None:
    """Views at every other step, and gradients of zero.

    Raises:
        Lost: the updates are not right.
    """
    asked["gradients"]["bias"][2:4] = 0
    told_all(
        ask,
        asked,
        f"{tensors}; 5 steps. In steps 2 and 4 the gradients are views whose numbers do not lie "
        "row by row in memory; in steps 3 and 4 that of bias is zero",
        "the order of a tensor's entries is that of its indices, not of memory; and a gradient of "
        "zero moves states as well",
    )


def judge_two_runs(ask, asked: dict, tensors: str) -> None:
    """Runs side by side, tries, one tensor under two names, and the last step again.

    Raises:
        Lost: they meet, or something has changed.
    """
    count = len(asked["orders"])
    asked["gradients"]["gain"][1:] = asked["gradients"]["weight"][1:]
    given = (
        f"{tensors}; two optimizees with these names take turns, {count} steps each, and each step "
        "of the first is tried with other gradients as well, from the same states; after the first "
        "step weight and gain have one and the same tensor for a gradient"
    )
    reply, _ = told_all(
        ask,
        asked,
        given,
        "states travel in the arguments and in what is returned, and nowhere else: not in globals, "
        "in attributes of the optimizer or in default arguments; and every name has its own",
    )
    last = {name: update[-1] for name, update in reply["updates"].items() if update.numel()}
    close_all(
        {name: reply["again"][name] for name in last},
        last,
        what="the update of",
        given="the states before the last step, for a second time",
        idea="make new states and leave the old ones as they are: writing into the dict or "
        "list that was given changes it for the caller too",
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
