"""The first questions of exercise 03: what the optimizer sees of a gradient, and its update."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ...preprocess import log_and_sign
from ..examining import close, must_be_kept, normal, rate_near, recognise, show, told
from ..lstm_questions import (
    HIDDEN,
    SCALE,
    by_name,
    close_all,
    drawn,
    reference,
    state_for,
    turned,
    turned_back,
    weights_for,
)
from ..wire import Tensors

#: Said in more than one question.
ABOVE = "the numbers are not right yet; begin with the criteria above"
WRONG_SIGN = (
    "the sign is wrong: the optimizer's output is the update itself, which is added to theta"
)


# 1. log_and_sign


def exam_log_and_sign(generator, ask, report):
    """Both branches; the corner cases; p."""

    def judge(gradient: Tensor, given: str, idea: str, p: float | None = None) -> None:
        asked = {"gradient": gradient} if p is None else {"gradient": gradient, "p": p}
        reply, expected = ask(**asked), log_and_sign(gradient.double(), 10.0 if p is None else p)
        mistakes = {
            "the logarithm comes first and the sign second, along a new last dimension": (
                expected.flip(-1)
            ),
            "appendix A has the natural logarithm, log": torch.stack(
                [expected[..., 0] / math.log(10), expected[..., 1]], dim=-1
            ),
        }
        got = {"features": reply["features"]}
        known = {say: {"features": wrong} for say, wrong in mistakes.items()}
        if not reply["features"].isfinite().all():
            idea = (
                "log(0) is -inf, and -inf * 0 is NaN: clamp |g| from below before the logarithm, "
                "or choose with torch.where"
            )
        idea = recognise(got, known, idea)
        worst = int((reply["features"] - expected).abs().nan_to_num(nan=math.inf).argmax()) // 2
        close(
            reply["features"].view(-1, 2)[worst],
            expected.view(-1, 2)[worst],
            what=f"the features of {float(gradient.flatten()[worst]):.4g}",
            given=given,
            idea=idea,
        )
        keep = "abs_(), clamp_() and *= work in the tensor that was given; abs() makes a new one"
        must_be_kept(reply["changed"], given, keep)

    def of_size(low: int | float, high: int | float, shape: tuple) -> Tensor:
        """Gradients of both signs whose logarithms lie between two bounds."""
        logarithm = low + (high - low) * torch.rand(shape, generator=generator)
        sign = torch.randint(2, shape, generator=generator) * 2 - 1
        return sign * logarithm.exp()

    above = "where |g| >= exp(-p), the features are log|g| / p and the sign of g"
    below = "where |g| < exp(-p), the features are -1 and exp(p) * g, which is small there"
    with report.criterion("logarithm and sign, above and below the threshold", 1):
        large = of_size(-9.5, 3, (3, 2))
        judge(large, f"gradients above exp(-10), {show(large)}", above)
        small = of_size(-13, -10.2, (4,))
        judge(small, f"gradients below exp(-10), {show(small)}", below)
        mixed = torch.cat([of_size(-13, -10.2, (2, 3, 2)), of_size(-9.5, -6, (2, 3, 2))], dim=-1)
        judge(
            mixed,
            f"gradients on both sides of exp(-10), {show(mixed)}",
            "every entry has its own case: torch.where chooses entry by entry",
        )
    with report.criterion("zero, very large and very small gradients, and any shape", 0.5):
        scale = 1 + torch.rand((), generator=generator)
        extremes = torch.tensor([0.0, 1e-30, -1e-12, 1e20, -1e30]) * scale
        judge(
            extremes,
            f"the gradients {show(extremes)}, zero among them",
            "both cases hold for numbers of any size: 1e20 is above the threshold, and zero is "
            "below it like every other small number",
        )
        for shape in ((1,), (), (1, 1, 3)):
            gradient = of_size(-9, 2, shape)
            judge(
                gradient,
                f"a gradient of shape {shape}",
                "a shape (...) becomes (..., 2), whatever it is: stack along a new last "
                "dimension, and squeeze nothing",
            )
    with report.criterion("another p", 0.5):
        for low, high in ((2, 4), (24, 27)):
            p = low + (high - low) * float(torch.rand((), generator=generator))
            gradient = torch.cat([of_size(-p - 3, -p - 0.2, (3,)), of_size(0.2 - p, 1.2 - p, (3,))])
            judge(
                gradient,
                f"p = {p:.4g}, the gradients {show(gradient)}",
                "p divides the logarithm, and it also sets the threshold exp(-p) and the factor "
                "exp(p); a constant of your own, such as 1e-8, is too large for some p",
                p,
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


def exam_step(generator, ask, report):
    """Updates and state; any number of coordinates and cells; the graph."""

    def question(cells: int, n: int, steps: int) -> dict:
        return {
            "probe_weights": weights_for(cells, generator),
            "probe_state": state_for(cells, n, generator),
            "probe_scale": float(rate_near(3.0, generator)),
            "gradients": drawn((steps, n), generator),
            "probe": drawn((n,), generator),
        }

    def run(asked: dict, forget: bool = False) -> tuple[Tensor, Tensor, Tensors]:
        """The reference's updates, its last state, and d <probe, last updates> / d weights."""
        optimizer = reference(asked["probe_weights"], asked["probe_scale"])
        updates, state = [], turned(asked["probe_state"])
        for gradient in asked["gradients"].double():
            if forget:
                state = [(h.detach(), c.detach()) for h, c in state]
            update, state = optimizer(gradient, state)
            updates.append(update)
        derivative = by_name(optimizer, (asked["probe"].double() * updates[-1]).sum())
        return torch.stack(updates).detach(), turned_back(state), derivative

    def judge(cells: int, n: int, idea: str) -> dict:
        asked = question(cells, n, 1)
        given = f"{n} coordinate{'s' if n > 1 else ''}, {cells} cell{'s' if cells > 1 else ''}"
        reply, (updates, state, _) = told(ask, asked, given), run(asked)
        old = {"this is the old state: return what the cells have given": asked["probe_state"]}
        idea = recognise(reply, {say: {"state": state} for say, state in old.items()}, idea)
        idea = recognise(reply, mistakes_in_updates(asked, updates), idea)

        def named(updates: Tensor, state: Tensor) -> Tensors:
            pairs = {
                f"{name} of cell {k} afterwards": state[k, place]
                for k in range(cells)
                for place, name in enumerate("hc")
            }
            return {"the updates": updates} | pairs

        got, expected = named(reply["updates"], reply["state"]), named(updates, state)
        close_all(got, expected, what="", given=given, idea=idea)
        return reply | {"given": given}

    with report.criterion("the updates and the new state; what was given stays", 1.5):
        reply = judge(
            2,
            5,
            "a cell takes (n, features) and (h, c): the first cell sees the gradient, each further "
            "one the new h of the cell below; output reads the update off the last h",
        )
        must_be_kept(
            reply["changed"],
            reply["given"],
            "state[k] = ... writes into the list that was given, and operations that end in an "
            "underscore into a tensor; collect the new pairs in a list of your own",
        )
    with report.criterion("any number of coordinates and of cells", 0.5):
        for cells, n in ((2, 1), (1, 7), (3, 4), (2, HIDDEN)):
            judge(
                cells,
                n,
                "every coordinate is a row of its own, with one feature, and loops go over "
                "optimizer.cells, however many there are",
            )
    with report.criterion("the graph leads back to every weight, through the state as well", 1):
        asked, given = question(2, 3, 4), "3 coordinates, 2 cells, 4 steps in a row"
        reply, (updates, _, expected), (_, _, forgotten) = (
            told(ask, asked, given),
            run(asked),
            run(asked, True),
        )
        close(reply["updates"], updates, what="the updates of all steps", given=given, idea=ABOVE)
        judge_derivatives(
            reply["by_weight"],
            expected,
            {
                "these numbers know of the last step only: the state that a step hands on must "
                "keep its graph, and where to cut is for the training to say": forgotten
            },
            given=given,
            idea="the updates and the state must be computed from optimizer's own cells and "
            "output, without detach(), .data, item() or no_grad()",
        )


def mistakes_in_updates(asked: dict, updates: Tensor) -> dict[str, Tensors]:
    """Updates that come from mistakes one knows."""
    state = asked["probe_state"]

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

#: Two of one shape, and others of one size.
SHAPES = {
    "weight": (3, 2),
    "bias": (3,),
    "weight_2": (3, 2),
    "bias_2": (3,),
    "head": (2, 3),
    "gain": (),
    "kernel": (1, 2, 2),
}


def exam_step_all(generator, ask, report):
    """Places; states; runs; the graph."""

    def question(count: int, cells: int = 2) -> dict:
        names = list(SHAPES)
        orders = [
            [names[k] for k in torch.randperm(len(names), generator=generator).tolist()]
            for _ in range(count)
        ]
        return {
            "probe_weights": weights_for(cells, generator),
            "probe_scale": SCALE,
            "gradients": {n: drawn((count, *shape), generator) for n, shape in SHAPES.items()},
            "orders": orders,
            "probes": normal(SHAPES, generator),
        }

    def run(asked: dict, detach: bool = False, reset: bool = False):
        """The updates (steps, ...) of every name, and d sum <probe, last update> / d weights.

        ``detach`` cuts the states' graph between steps, ``reset`` begins each with zeros.
        """
        optimizer, updates, total = reference(asked["probe_weights"]), {}, 0.0
        for name, gradients in asked["gradients"].items():
            state, found = optimizer.initial_state(gradients[0].numel()), []
            for gradient in gradients.double():
                if detach:
                    state = [(h.detach(), c.detach()) for h, c in state]
                if reset:
                    state = optimizer.initial_state(gradient.numel())
                update, state = optimizer(gradient.flatten(), state)
                found.append(update.view_as(gradient))
            updates[name] = torch.stack(found)
            total = total + (asked["probes"][name].double() * found[-1]).sum()
        return {n: u.detach() for n, u in updates.items()}, by_name(optimizer, total)

    def judge(got: Tensors, expected: Tensors, given: str, idea: str) -> None:
        idea = recognise(got, {WRONG_SIGN: {n: -u for n, u in expected.items()}}, idea)
        close_all(by_step(got), by_step(expected), what="the update of", given=given, idea=idea)

    def by_step(updates: Tensors) -> Tensors:
        return {
            f"{name} in step {number}": update
            for name, each in updates.items()
            for number, update in enumerate(each, 1)
        }

    def judge_one_run(asked: dict, given: str) -> dict:
        """Before more is said about states."""
        reply = told(ask, asked, given)
        judge(reply["updates"], run(asked)[0], given, ABOVE)
        return reply

    tensors = f"gradients of {', '.join(f'{n} {shape}' for n, shape in SHAPES.items())}"
    with report.criterion("each coordinate gets the update for its own gradient, in its place", 1):
        asked, given = question(1), f"{tensors}; the first step"
        judge(
            told(ask, asked, given)["updates"],
            run(asked)[0],
            given,
            "flatten() reads a tensor row by row, and view_as(gradient) or reshape writes it back "
            "the same way; the optimizer works on each entry by itself",
        )
    with report.criterion("each state follows its coordinate from step to step", 1):
        asked = question(4, cells=3)
        given = f"{tensors}; 4 steps, the names in another order each time"
        expected, reply = run(asked)[0], told(ask, asked, given)
        reset = "these updates begin at every step with a fresh state: hand the states on"
        idea = recognise(
            reply["updates"],
            {reset: run(asked, reset=True)[0]},
            "names count, not places or shapes: the state of a coordinate must be found under its "
            "tensor's name, in whatever order the names come",
        )
        judge(reply["updates"], expected, given, idea)
    with report.criterion("two runs do not meet, and what was given stays", 0.5):
        asked = question(3)
        other = {n: drawn((3, *shape), generator) for n, shape in SHAPES.items()}
        judge_one_run(asked, f"{tensors}; 3 steps")
        given = f"{tensors}; two optimizees with these names take turns, 3 steps each"
        expected, reply = run(asked)[0], told(ask, asked | {"other": other}, given)
        judge(
            reply["updates"],
            expected,
            given,
            "states travel in the arguments and in what is returned, and nowhere else: not in "
            "globals, in attributes of the optimizer or in default arguments",
        )
        close_all(
            reply["again"],
            {name: update[-1] for name, update in expected.items()},
            what="the update of",
            given="the states before the last step, for a second time",
            idea="make new states and leave the old ones as they are: writing into the dict or "
            "list that was given changes it for the caller too",
        )
        must_be_kept(
            reply["changed"],
            given,
            "pop() and gradients[name] = ... change the caller's dict, operations that end in an "
            "underscore the caller's tensor, backward() the .grad of the weights",
        )
    with report.criterion("the graph leads back through all steps", 0.5):
        asked, given = question(3), f"{tensors}; 3 steps"
        judge_derivatives(
            judge_one_run(asked, given)["by_weight"],
            run(asked)[1],
            {
                "these numbers know of the last step only: states keep their graph here": (
                    run(asked, detach=True)[1]
                )
            },
            given=given,
            idea="flatten, view, split and cat are part of the graph; detach(), .data, item() and "
            "no_grad() are not",
        )
