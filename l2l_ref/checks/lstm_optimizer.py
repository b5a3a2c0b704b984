"""The examining side of exercise 03: the learned optimizer, one window of it, and its gradient."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..preprocess import log_and_sign
from ..tape import Tape
from ..unroll import Run, loss_and_gradient, meta_gradient, unroll
from .answering import doubled
from .examining import (
    Check,
    Lost,
    Question,
    close,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    show,
    told,
)
from .lstm_optimizer_run import (
    FUNCTIONS,
    LEFT_OVER,
    run_log_and_sign,
    run_meta_loss,
    run_meta_step,
    run_step,
    run_step_all,
    run_truncated,
)
from .lstm_questions import (
    HIDDEN,
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

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.preprocess",
    "l2l_ref.optimizers",
    "l2l_ref.tape",
    "l2l_ref.unroll",
    "l2l_ref.minimizers",
    "l2l_ref.training",
    "l2l_ref.checks.lstm_optimizer_run",
)

Tensors = dict[str, Tensor]

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


# 4. meta_loss


class Hidden:
    """The function of a question as a task of the reference: one row of coordinates.

    Args:
        asked: the question.
    """

    def __init__(self, asked: dict):
        self.W, self.y = asked["probe_W"].double(), asked["probe_y"].double()
        self.function, self.theta_0 = FUNCTIONS[asked["probe_loss"]], asked["theta"].double()

    def start(self) -> Tensor:
        return self.theta_0[None]

    def loss(self, theta: Tensor, step: int) -> Tensor:
        return self.function(self.W @ theta[0] - self.y)[None]


def run_from(asked: dict) -> Run:
    """Where a question begins, as the reference has it."""
    task = Hidden(asked)
    loss, gradient = loss_and_gradient(task, task.start(), 0)
    return Run(task, task.start(), loss, gradient, turned(asked["probe_state"]), 0)


def problem(loss: str, generator: torch.Generator, cells: int = 2, n: int = 5) -> dict:
    """An optimizer in the middle of a run on a function that the answer cannot look into."""
    return {
        "probe_weights": weights_for(cells, generator),
        "probe_state": state_for(cells, n, generator),
        "probe_W": drawn((n + 1, n), generator, 0.5),
        "probe_y": drawn((n + 1,), generator),
        "probe_scale": SCALE,
        "probe_loss": loss,
        "theta": drawn((n,), generator),
    }


def unrolled_otherwise(
    asked: dict, length: int, *, second=False, before=False, detached="", sign=1, fresh=False
) -> tuple[Tensor, Tensors]:
    """The meta-loss of a window and its derivatives, with mistakes as one likes.

    Args:
        asked: the question.
        length: of the window.
        second: whether the gradients keep their graph.
        before: whether the losses before the updates count.
        detached: what is detached between the steps, "theta" or "state".
        sign: of the updates.
        fresh: whether the state of the beginning is all zeros.
    """
    optimizer, task = reference(asked["probe_weights"]), Hidden(asked)
    state = turned(torch.zeros_like(asked["probe_state"]) if fresh else asked["probe_state"])
    theta, losses = task.start().requires_grad_(), []
    for _ in range(length):
        loss = task.loss(theta, 0).sum()
        (gradient,) = torch.autograd.grad(loss, theta, create_graph=True)
        updates, state = optimizer((gradient if second else gradient.detach())[0], state)
        if detached == "state":
            state = [(h.detach(), c.detach()) for h, c in state]
        if detached == "theta":
            theta = theta.detach()
        theta = theta + sign * updates
        losses.append(loss if before else task.loss(theta, 0).sum())
    total = torch.stack(losses).sum()
    return total.detach(), by_name(optimizer, total)


def one_step(asked: dict) -> Tensors:
    """The derivatives of theta and of each part of the state after one update, with their probes,
    in the first weight of all.
    """
    optimizer, run, probes = reference(asked["probe_weights"]), run_from(asked), asked["probes"]
    updates, state = optimizer(run.gradient[0], run.state)
    ends = {"theta": run.theta[0] + updates}
    for k, pair in enumerate(state):
        ends |= {f"{name} of cell {k}": part.T for name, part in zip("hc", pair, strict=True)}
    first, total = optimizer.cells[0].weight_ih, {n: (probes[n] * ends[n]).sum() for n in ends}
    return {n: torch.autograd.grad(total[n], first, retain_graph=True)[0] for n in ends}


def exam_meta_loss(generator, ask, report):
    """Values; derivatives; the last update; what is handed on; the price."""

    def question(loss: str, length: int, cells: int = 2, n: int = 3) -> tuple[dict, str]:
        window = f"a window of {length} update{'s' if length > 1 else ''}"
        asked = problem(loss, generator, cells, n) | {"length": length}
        return asked, f"{n} coordinates, {cells} cells, {window}"

    def wrong_all_over(asked: dict) -> dict[str, tuple[Tensor, Tensors]]:
        """Mistakes that show in the meta-loss and in its derivatives."""
        return {
            "this is theta - update: the optimizer finds out by itself which way is down, and its "
            "update is added": unrolled_otherwise(asked, asked["length"], sign=-1),
            "this window begins with a fresh state: go on from the state that is given": (
                unrolled_otherwise(asked, asked["length"], fresh=True)
            ),
        }

    def judge_value(asked: dict, reply: dict, given: str) -> None:
        length = asked["length"]
        losses, _ = unroll(reference(asked["probe_weights"]), run_from(asked), length)
        expected = losses.detach().sum()
        before = unrolled_otherwise(asked, length, before=True)[0]
        mistakes = {
            "these are the losses before the updates, theta_0 to theta_(U-1); the meta-loss counts "
            "those after them, theta_1 to theta_U": before,
            "this is the mean of the losses; the meta-loss is their sum": expected / length,
            "this is the last loss alone; the meta-loss is the sum over the window": losses[-1][0],
            "this counts the loss at the beginning as well, before any update": (
                expected + run_from(asked).loss[0]
            ),
        }
        mistakes |= {say: total for say, (total, _) in wrong_all_over(asked).items()}
        rule = "the sum of loss(theta) over the thetas after each of the updates"
        known = {say: {"total": wrong} for say, wrong in mistakes.items()}
        idea = recognise({"total": reply["meta_loss"]}, known, rule)
        close(reply["meta_loss"], expected, what="the meta-loss", given=given, idea=idea)

    with report.criterion("the meta-loss, theta and state after a window; what was given stays", 1):
        for loss, length, cells, n in (("quadratic", 2, 3, 4), ("logarithmic", 6, 2, 5)):
            asked, given = question(loss, length, cells, n)
            reply = told(ask, asked, given)
            judge_value(asked, reply, given)
            _, after = unroll(reference(asked["probe_weights"]), run_from(asked), length)
            rule = "theta <- theta + update; the state of each step comes from the one before"
            close(reply["theta"], after.theta[0], what="theta afterwards", given=given, idea=rule)
            state = turned_back(after.state)
            close(reply["state"], state, what="the state afterwards", given=given, idea=rule)
            must_be_kept(
                reply["changed"],
                given,
                "theta += update, total += loss and requires_grad_() work on the very tensor that "
                "they are applied to, which may be the caller's or one that loss has returned; "
                "theta + update and detach() make new ones",
            )
    with report.criterion("its gradient in every weight, the optimizee's gradients as inputs", 1.5):
        for loss, length, cells, n in (("quadratic", 3, 2, 5), ("logarithmic", 5, 3, 4)):
            asked, given = question(loss, length, cells, n)
            reply, optimizer = told(ask, asked, given), reference(asked["probe_weights"])
            expected = by_name(optimizer, unroll(optimizer, run_from(asked), length)[0].sum())

            def otherwise(asked=asked, length=length, **mistake) -> Tensors:
                return unrolled_otherwise(asked, length, **mistake)[1]

            mistakes = {
                "these numbers include second derivatives of the optimizee: the gradient that goes "
                "into the optimizer is a constant, without create_graph=True": (
                    otherwise(second=True)
                ),
                "these belong to the losses before the updates": otherwise(before=True),
                "these belong to the mean of the losses": {
                    n: g / length for n, g in expected.items()
                },
                "theta was detached between the steps: each update then answers for one loss "
                "alone, and not for all that follow it": otherwise(detached="theta"),
                "the state was detached between the steps: what a step leaves in the state "
                "changes all later updates": otherwise(detached="state"),
            }
            mistakes |= {say: by_weight for say, (_, by_weight) in wrong_all_over(asked).items()}
            judge_derivatives(
                reply["by_weight"],
                expected,
                mistakes,
                given=given,
                idea="theta_t is theta_0 plus all updates before, each with its graph; only the "
                "optimizee's gradients are constants",
            )
    with report.criterion("a window of a single update trains that update", 0.5):
        asked, given = question("logarithmic", 1)
        reply, optimizer = told(ask, asked, given), reference(asked["probe_weights"])
        judge_derivatives(
            reply["by_weight"],
            by_name(optimizer, unroll(optimizer, run_from(asked), 1)[0].sum()),
            {say: by_weight for say, (_, by_weight) in wrong_all_over(asked).items()},
            given=given,
            idea="the loss at theta_0 depends on no update; the one at theta_1 does",
        )
    with report.criterion("theta and state come back with their graph", 0.5):
        asked, given = question("quadratic", 1)
        parts = (f"{name} of cell {k}" for k in range(2) for name in "hc")
        shapes = {"theta": (3,)} | dict.fromkeys(parts, (3, HIDDEN))
        asked["probes"] = normal(shapes, generator)
        ends = told(ask, asked, given)["ends"]
        without = ", ".join(name for name, by_weight in ends.items() if by_weight is None)
        cut = (
            f"without a graph: {without}. Return theta and state as they are after the last "
            "update; where to cut is for whoever trains to say, in the next question"
        )
        close_all(
            ends,
            one_step(asked),
            what="the derivative, in the first cell's weights, of",
            given=given,
            idea=cut if without else ABOVE,
        )
    with report.criterion("no backward pass on the way goes through the optimizer", 0.5):
        asked, given = question("quadratic", 3)
        reply = told(ask, asked, given)
        _, after = unroll(reference(asked["probe_weights"]), run_from(asked), 3)
        close(reply["theta"], after.theta[0], what="theta afterwards", given=given, idea=ABOVE)
        idea = (
            "backward() goes all the way back, through every step so far, and adds to the .grad of "
            "every weight it meets; autograd.grad(value, theta) goes back as far as theta"
        )
        if reply["walks"]:
            raise Lost(
                f"backward went through steps of the optimizer {reply['walks']} times before the "
                "meta-loss was returned",
                "not once: an optimizee's gradient needs the way from the loss to theta only",
                given,
                idea,
            )
        must_be_kept(reply["left"], given, idea)


# 5. truncated


def exam_truncated(generator, ask, report):
    """The gradients of all windows; what is handed on."""

    def question(windows: int, length: int, cells: int, n: int) -> tuple[dict, str]:
        asked = problem("logarithmic", generator, cells, n)
        asked |= {"probe_length": length, "windows": windows}
        return asked, f"{windows} windows of {length} updates, {n} coordinates, {cells} cells"

    def run(asked: dict, cut: str = "theta h c", hand_on: str = "theta state"):
        """Each window's gradients, and where the run ends.

        Args:
            cut: what is detached between two windows. hand_on: what goes from one to the next.
        """
        optimizer, task = reference(asked["probe_weights"]), Hidden(asked)
        begin = theta, state = task.start(), turned(asked["probe_state"])
        found = {}
        for window in range(1, asked["windows"] + 1):
            total = 0.0
            for _ in range(asked["probe_length"]):
                _, gradient = loss_and_gradient(task, theta, 0)
                updates, state = optimizer(gradient[0], state)
                theta = theta + updates
                total = total + task.loss(theta, 0).sum()
            for name, gradient in by_name(optimizer, total).items():
                found[f"window {window}, {name}"] = gradient
            theta = theta.detach() if "theta" in cut else theta
            state = [
                (h.detach() if "h" in cut.split() else h, c.detach() if "c" in cut else c)
                for h, c in state
            ]
            theta = theta if "theta" in hand_on else begin[0]
            state = state if "state" in hand_on else begin[1]
        return found, theta.detach()[0], turned_back(state)

    def judge_gradients(asked: dict, given: str) -> None:
        reply, expected = told(ask, asked, given), run(asked)[0]
        cuts = {
            "nothing was detached": "",
            "theta was detached, and the state was not": "theta",
            "the state was detached, and theta was not": "h c",
            "h was detached, and c was not": "theta h",
            "c was detached, and h was not": "theta c",
        }
        mistakes = {
            f"these gradients reach back into earlier windows: {say}": run(asked, cut)[0]
            for say, cut in cuts.items()
        }
        mistakes["every window began where the first one did; go on from where the last ended"] = (
            run(asked, hand_on="")[0]
        )
        mistakes["every window began with the state of the first"] = run(asked, hand_on="theta")[0]
        mistakes["every window began at the theta of the first"] = run(asked, hand_on="state")[0]
        added, sums = {}, dict.fromkeys(asked["probe_weights"], LEFT_OVER)
        for key, gradient in expected.items():
            name = key.split(", ")[1]
            sums[name] = sums[name] + gradient
            added[key] = sums[name]
        backward = "backward() adds to .grad, and autograd.grad does not"
        mistakes[f"these gradients add up from window to window: {backward}"] = added
        mistakes[f"something was in .grad from before: {backward}"] = expected | starting(
            added, "window 1,"
        )
        idea = recognise(
            reply["by_weight"], mistakes, "the derivative of each window's meta-loss in each weight"
        )
        for window in range(1, asked["windows"] + 1):
            of_window = starting(expected, f"window {window},")
            close_all(reply["by_weight"], of_window, what="the gradient of", given=given, idea=idea)

    with report.criterion("the meta-gradient of each window, and of that window alone", 1.5):
        judge_gradients(*question(windows=3, length=2, cells=2, n=5))
        judge_gradients(*question(windows=2, length=3, cells=3, n=4))
    with report.criterion("what comes back is constant; what was given stays", 0.5):
        asked, given = question(windows=2, length=2, cells=3, n=3)
        reply, (_, theta, state) = told(ask, asked, given), run(asked)
        rule = "each window goes on from where the one before has ended"
        close(reply["theta"], theta, what="theta at the end", given=given, idea=rule)
        close(reply["state"], state, what="the state at the end", given=given, idea=rule)
        if reply["with_graph"]:
            raise Lost(
                f"with a graph behind it: {', '.join(reply['with_graph'])}",
                "constants, after the last window too",
                given,
                "whoever keeps a result keeps its graph, and with it the memory of the window: "
                "detach() theta, h and c, and no create_graph=True for the gradients",
            )
        must_be_kept(
            reply["changed"],
            given,
            "backward() adds to the .grad of the weights, autograd.grad does not, and clearing "
            ".grad loses what was there before; detach_() and requires_grad_() act on the very "
            "tensor they are called on",
        )


# 6. meta_step


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


check = Check(
    "lstm_optimizer",
    version="1",
    questions={
        "log_and_sign": Question(2, exam_log_and_sign, run_log_and_sign),
        "step": Question(3, exam_step, run_step),
        "step_all": Question(3, exam_step_all, run_step_all),
        "meta_loss": Question(4, exam_meta_loss, run_meta_loss),
        "truncated": Question(2, exam_truncated, run_truncated),
        "meta_step": Question(3, exam_meta_step, run_meta_step),
    },
)
