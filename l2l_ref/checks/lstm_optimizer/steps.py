"""Question 2 of exercise 03: the optimizer's step of one vector of coordinates."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..examining import TOLERANCE, close, error, must_be_kept, rate_near, recognise, show, told
from ..lstm_questions import (
    HIDDEN,
    TEN_DIGITS,
    by_name,
    close_all,
    drawn,
    in_double,
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


def step_question(
    generator: torch.Generator,
    cells: int,
    n: int,
    steps: int,
    kinds: tuple = (),
    hidden: int = HIDDEN,
) -> dict:
    """An optimizer in the middle of a run, and the gradients of some steps."""
    asked = {
        "probe_weights": weights_for(cells, generator, hidden),
        "probe_state": state_for(cells, n, generator, hidden),
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


def resized(asked: dict, low: float, high: float, generator: torch.Generator) -> dict:
    """The same question with gradients of another size, which the first cell's weights make up for.

    The power of ten lies between ``low`` and ``high``.
    """
    size = 10 ** (low + (high - low) * float(torch.rand((), generator=generator)))
    given, weights = asked["gradients"], asked["probe_weights"]
    inward = {"cells.0.weight_ih": weights["cells.0.weight_ih"] / size}
    named = isinstance(given, Mapping)
    given = {name: size * each for name, each in given.items()} if named else size * given
    return asked | {"gradients": given, "probe_weights": weights | inward}


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

    def question(*sizes: int, **more) -> dict:
        return step_question(generator, *sizes, **more)

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
                "earlier step has returned is not yours any more. Modes, hooks and attributes, "
                "requires_grad and .grad of the weights belong to whoever trains",
            )
            if "moved" in reply:
                judge_moved(asked, reply)
    with report.criterion("any number of coordinates and of cells, and any gradients", 0.5):
        rows = (
            "every coordinate is a row of its own, with one feature, and loops go over "
            "optimizer.cells, however many there are, in their order; a cell that stands at two "
            "places has two states"
        )
        for cells, n, hidden, kinds in SIZES:
            named = f", {hidden} hidden unit{'s' if hidden > 1 else ''}"
            named += "".join(f", {KINDS[kind]}" for kind in kinds)
            judge(question(cells, n, 1, kinds=kinds, hidden=hidden), rows, named)
        for gradients in GRADIENTS:
            asked = question(2, len(gradients), 1) | {"gradients": torch.tensor([gradients])}
            judge(asked, ITSELF, f", the gradients {', '.join(map(str, gradients))}")
        for low, high in ((-20, -12), (12, 20)):
            asked = resized(question(2, 4, 1), low, high, generator)
            suited = f", the gradients {show(asked['gradients'][0])}, and weights to suit"
            judge(asked, ITSELF, suited)
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
        asked = question(2, 3, 2, kinds=("graph",))
        asked["gradients"] *= 10 ** (3 + 3 * torch.rand((), generator=generator))
        judge_graph_of_steps(ask, asked, "3 coordinates, 2 cells, 2 steps, large gradients", LARGE)
        asked, frozen = question(2, 3, 2, kinds=("graph", "all frozen")), "all weights frozen"
        judge_graph_of_steps(ask, asked, f"3 coordinates, 2 cells, 2 steps in a row, {frozen}")


#: Cells, coordinates, hidden units and circumstances.
SIZES = (
    (2, 1, 3, ()),
    (1, 150, 4, ()),
    (3, 4, 1, ()),
    (2, 5, 5, ()),
    (12, 2, 4, ()),
    (3, 3, 2, ("tied",)),
    (2, 5, 20, ("strided",)),
)

#: What circumstances are called.
KINDS = {
    "tied": "the third cell the very same as the second",
    "strided": "gradients and state views of larger tensors",
}

#: What a step sees besides usual ones.
GRADIENTS = ([0.0, 0.0, 0.0], [0.0, 1e-30, -1e3, 1e12], [0.5, math.nan, -20.0])
ITSELF = (
    "the first cell sees the gradient itself, whatever it is: zero is a gradient as well, large "
    "ones are not clipped, and a coordinate with a NaN keeps it to itself"
)

CUT = (
    "the updates and the state must be computed from optimizer's own cells and output, from the "
    "gradients and from the state, at every step and in every mode, without detach(), .data, "
    "item() or no_grad()"
)
LARGE = (
    "a number may be right and its derivative NaN: backward goes through all that was computed, "
    "also where torch.where has chosen the other result, and 0 times infinity is NaN. What does "
    "exp give for large numbers?"
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
        several = len(updates) > 1
        steps = {f"the updates{f' of step {k}' * several}": u for k, u in enumerate(updates, 1)}
        named = steps | pairs
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


def judge_graph_of_steps(ask, asked: dict, given: str, idea: str = CUT) -> None:
    """Where the graph leads to. Updates from large gradients have been judged before.

    Raises:
        Lost: it does not lead there.
    """
    reply, (updates, _, expected) = told(ask, asked, given), run_steps(asked)
    all_frozen = "all frozen" in asked["probe_kinds"]
    if all_frozen:
        expected = {name: expected[name] for name in ("the gradients", "the state")}
    if idea is LARGE and error(reply["updates"], updates) > TOLERANCE:
        return
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
        idea=idea,
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
