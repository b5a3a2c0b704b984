"""The questions of exercise 03 on windows: the meta-loss of one, and the gradients of many."""

import torch
from torch import Tensor

from ...unroll import Run, loss_and_gradient, unroll
from ..examining import Lost, close, must_be_kept, normal, recognise, told
from ..lstm_questions import (
    HIDDEN,
    SCALE,
    TEN_DIGITS,
    by_name,
    close_all,
    drawn,
    in_double,
    joined,
    must_be_double,
    reference,
    starting,
    state_for,
    turned,
    turned_back,
    weights_for,
)
from ..wire import Tensors
from .optimizees import FUNCTIONS
from .run import LARGE
from .steps import ABOVE, judge_derivatives

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


def at_rest(asked: dict) -> dict:
    """The weights of an optimizer whose output is zero: theta stays, and the state does not."""
    weights = asked["probe_weights"].items()
    return {"probe_weights": {n: 0 * w if n.startswith("output") else w for n, w in weights}}


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


def ends_of(asked: dict, second: bool = False) -> Tensors:
    """The derivatives of theta and of each part of the state after a window, with their probes,
    in the first weight of all. ``second``: the gradients keep their graph.
    """
    optimizer, task, probes = reference(asked["probe_weights"]), Hidden(asked), asked["probes"]
    theta, state = task.start().requires_grad_(), turned(asked["probe_state"])
    for _ in range(asked["length"]):
        loss = task.loss(theta, 0).sum()
        (gradient,) = torch.autograd.grad(loss, theta, create_graph=True)
        updates, state = optimizer((gradient if second else gradient.detach())[0], state)
        theta = theta + updates
    ends = {"theta": theta[0]}
    for k, pair in enumerate(state):
        ends |= {f"{name} of cell {k}": part.T for name, part in zip("hc", pair, strict=True)}
    first, total = optimizer.cells[0].weight_ih, {n: (probes[n] * ends[n]).sum() for n in ends}
    return {n: torch.autograd.grad(total[n], first, retain_graph=True)[0] for n in ends}


def window_question(
    generator: torch.Generator, loss: str, length: int, cells: int = 2, n: int = 3, kinds=()
) -> tuple[dict, str]:
    """A window, and what it is called."""
    window = f"a window of {length} update{'s' if length > 1 else ''}"
    asked = problem(loss, generator, cells, n) | {"length": length, "probe_kinds": list(kinds)}
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
    """The meta-loss of a window, and where it ends.

    Raises:
        Lost: they differ.
    """
    length = asked["length"]
    losses, after = unroll(reference(asked["probe_weights"]), run_from(asked), length)
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
    rule = "the sum of loss(theta) over the thetas after each of the updates, whatever it is"
    known = {say: {"total": wrong} for say, wrong in mistakes.items()}
    idea = recognise({"total": reply["meta_loss"]}, known, rule)
    words = {"given": given}
    if asked["theta"].dtype == torch.float64:
        words["tolerance"] = TEN_DIGITS
    if not torch.equal(reply["meta_loss"], expected):  # both may be infinite
        close(reply["meta_loss"], expected, what="the meta-loss", idea=idea, **words)
    rule = "theta <- theta + update; the state of each step comes from the one before"
    scale = float(asked["theta"].abs().max())  # the updates may cancel it
    close(reply["theta"], after.theta[0], what="theta afterwards", idea=rule, scale=scale, **words)
    state = turned_back(after.state)
    close(reply["state"], state, what="the state afterwards", idea=rule, **words)


def mistakes_in_derivatives(asked: dict, expected: Tensors) -> dict[str, Tensors]:
    """Derivatives of the meta-loss that come from mistakes one knows."""
    length = asked["length"]

    def otherwise(**mistake) -> Tensors:
        return unrolled_otherwise(asked, length, **mistake)[1]

    mistakes = {
        "these numbers include second derivatives of the optimizee: the gradient that goes "
        "into the optimizer is a constant, without create_graph=True": otherwise(second=True),
        "these belong to the losses before the updates": otherwise(before=True),
        "these belong to the mean of the losses": {n: g / length for n, g in expected.items()},
        "theta was detached between the steps: each update then answers for one loss "
        "alone, and not for all that follow it": otherwise(detached="theta"),
        "the state was detached between the steps: what a step leaves in the state "
        "changes all later updates": otherwise(detached="state"),
    }
    return mistakes | {say: by_weight for say, (_, by_weight) in wrong_all_over(asked).items()}


#: Windows whose value is judged: the loss, the length, cells, coordinates and circumstances.
WINDOWS = (
    ("quadratic", 2, 3, 4, ("frozen", "modes")),
    ("logarithmic", 6, 2, 5, ("second",)),
    ("negative", 3, 1, 1, ()),
)


def exam_meta_loss(generator, ask, report):
    """Values; derivatives; the last update; what is handed on; the price."""

    def question(*sizes, **kinds) -> tuple[dict, str]:
        return window_question(generator, *sizes, **kinds)

    with report.criterion(
        "the meta-loss, theta and state after a window; what was given stays", 0.5
    ):
        for loss, length, cells, n, kinds in WINDOWS:
            asked, given = question(loss, length, cells, n, kinds=kinds)
            reply = told(ask, asked, given)
            judge_value(asked, reply, given)
            must_be_kept(
                reply["changed"],
                given,
                "theta += update, total += loss and requires_grad_() work on the very tensor that "
                "they are applied to, and state[k] = ... on the very list, which may be the "
                "caller's or what loss or the optimizer has returned; make new ones",
            )
        for asked, given in extreme_windows(*question("quadratic", 4)):
            judge_value(asked, told(ask, asked, given), given)
    with report.criterion("its gradient in every weight, the optimizee's gradients as inputs", 1.5):
        for loss, length, cells, n, kinds in (
            ("quadratic", 3, 2, 5, ("modes",)),
            ("logarithmic", 5, 3, 4, ("eval",)),
            ("quadratic", 2, 12, 2, ()),
            ("logarithmic", 25, 2, 2, ()),
        ):
            asked, given = question(loss, length, cells, n, kinds=kinds)
            reply, optimizer = told(ask, asked, given), reference(asked["probe_weights"])
            expected = by_name(optimizer, unroll(optimizer, run_from(asked), length)[0].sum())
            judge_derivatives(
                reply["by_weight"],
                expected,
                mistakes_in_derivatives(asked, expected) if length < 6 else {},
                given=given,
                idea="theta_t is theta_0 plus all updates before, each with its graph, in every "
                "mode and however long the window is; only the optimizee's gradients are constants",
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
        judge_ends(ask, generator, *question("quadratic", 3))
    with report.criterion("no backward pass on the way goes through the optimizer", 0.5):
        asked, given = question("quadratic", 3, kinds=("leaf",))
        reply = told(ask, asked, f"{given}; the loss has a leaf inside, with a .grad of its own")
        _, after = unroll(reference(asked["probe_weights"]), run_from(asked), 3)
        close(reply["theta"], after.theta[0], what="theta afterwards", given=given, idea=ABOVE)
        idea = (
            "backward() goes all the way back, through every step so far, and adds to the .grad of "
            "every leaf it meets, those inside loss among them; autograd.grad(value, theta) goes "
            "back as far as theta, and so does backward(inputs=[theta])"
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


def judge_ends(ask, generator: torch.Generator, asked: dict, given: str) -> None:
    """Where the graph of theta and of the state leads. Gradients that are no constants have been
    judged before.

    Raises:
        Lost: it does not lead there.
    """
    names = (f"{name} of cell {k}" for k in range(2) for name in "hc")
    asked["probes"] = normal({"theta": (3,)} | dict.fromkeys(names, (3, HIDDEN)), generator)
    ends = told(ask, asked, given)["ends"]
    without = ", ".join(name for name, by_weight in ends.items() if by_weight is None)
    cut = (
        f"without a graph: {without}. Return theta and state as they are after the last "
        "update; where to cut is for whoever trains to say, in the next question"
    )
    if not recognise(ends, {"second derivatives": ends_of(asked, second=True)}, ""):
        idea = cut if without else f"the graph goes back to the window's beginning; or {ABOVE}"
        what = "the derivative, in the first cell's weights, of"
        close_all(ends, ends_of(asked), what=what, given=given, idea=idea)


def extreme_windows(asked: dict, given: str) -> list[tuple[dict, str]]:
    """The same question in float64: from a minimum, with updates of zero, and on functions that are
    large or infinite.
    """
    asked = in_double(asked)
    minimum = {"probe_y": asked["probe_W"] @ asked["theta"]}
    large = {name: 1e3 * asked[name] for name in ("probe_W", "probe_y")}
    infinite = {"probe_y": 1e155 * asked["probe_y"]}  # their gradients are not
    return [
        (asked | minimum, f"{given}; in float64, and the gradient is zero where the window begins"),
        (asked | at_rest(asked), f"{given}; in float64, and every update is zero"),
        (asked | large, f"{given}; in float64, and the losses are large"),
        (asked | infinite, f"{given}; in float64, and the losses are infinite"),
    ]


# 5. truncated


#: The loss, the number of windows and their length, cells, coordinates and circumstances.
RUNS = (
    ("logarithmic", 3, 2, 2, 5, {}),
    ("logarithmic", 2, 3, 3, 4, {}),
    ("logarithmic", 25, 1, 2, 1, {}),
    ("quadratic", 2, 1, 12, 4, {"size": 100}),  # with large gradients
    ("logarithmic", 3, 1, 1, 2, {"rest": True}),
)


def truncated_question(
    generator: torch.Generator,
    *sizes: int | str,
    size: float = 1,
    rest: bool = False,
) -> tuple[dict, str]:
    """A run, and what it is called. ``size``: of W and y. ``rest``: see `at_rest`."""
    loss, windows, length, cells, n = sizes
    asked = problem(loss, generator, cells, n)
    asked |= {name: size * asked[name] for name in ("probe_W", "probe_y")}
    asked |= at_rest(asked) if rest else {}
    listed = list(asked["probe_weights"])
    asked |= {"probe_length": length, "windows": windows, "probe_listed": listed}
    updates = f"{length} update{'s' if length > 1 else ''}"
    given = f"{windows} windows of {updates}, {n} coordinates, {cells} cell{'s' * (cells > 1)}"
    return asked, f"{given}{', every update is zero' if rest else ''}"


def run_windows(asked: dict, cut: str = "theta h c", hand_on: str = "theta state"):
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
        gradients = by_name(optimizer, total) | {"unused": torch.zeros_like(task.theta_0)}
        for k, name in enumerate(asked["probe_listed"]):
            found[f"window {window}, {k}: {name}"] = gradients[name]
        theta = theta.detach() if "theta" in cut else theta
        state = [
            (h.detach() if "h" in cut.split() else h, c.detach() if "c" in cut else c)
            for h, c in state
        ]
        theta = theta if "theta" in hand_on else begin[0]
        state = state if "state" in hand_on else begin[1]
    return found, theta.detach()[0], turned_back(state)


def mistakes_in_windows(asked: dict, expected: Tensors) -> dict[str, Tensors]:
    """Gradients that come from mistakes one knows."""
    cuts = {
        "nothing was detached": "",
        "theta was detached, and the state was not": "theta",
        "the state was detached, and theta was not": "h c",
        "h was detached, and c was not": "theta h",
        "c was detached, and h was not": "theta c",
    }
    mistakes = {
        f"these gradients reach back into earlier windows: {say}": run_windows(asked, cut)[0]
        for say, cut in cuts.items()
    }
    mistakes["every window began where the first one did; go on from where the last ended"] = (
        run_windows(asked, hand_on="")[0]
    )
    mistakes["every window began with the state of the first"] = run_windows(
        asked, hand_on="theta"
    )[0]
    mistakes["every window began at the theta of the first"] = run_windows(asked, hand_on="state")[
        0
    ]
    added, once, sums = {}, {}, {}
    for key, gradient in expected.items():
        name = key.split(", ")[1]
        before = 0.0 if name.endswith("output.bias") else LARGE
        once[key] = gradient + before * key.startswith("window 1,")
        sums[name] = sums.get(name, before) + gradient
        added[key] = sums[name]
    backward = "backward() adds to .grad, and autograd.grad does not"
    mistakes[f"these gradients add up from window to window: {backward}"] = added
    mistakes[f"something was in .grad from before: {backward}"] = once
    return mistakes


def exam_truncated(generator, ask, report):
    """The gradients of all windows; what is handed on, and what is left behind."""
    with report.criterion("the meta-gradient of each window, and of that window alone", 1.5):
        for *sizes, more in RUNS:
            asked, given = truncated_question(generator, *sizes, **more)
            reply, expected = told(ask, asked, given), run_windows(asked)[0]
            known = mistakes_in_windows(asked, expected) if asked["probe_length"] > 1 else {}
            rule = (
                "each window's derivatives in the weights, as they are; what is in .grad from "
                "before is no part of it, and digits are lost where it is subtracted"
            )
            idea = recognise(reply["by_weight"], known, rule)
            # Where theta passes by the minimum, all of a window's gradients cancel.
            scale = 0.1 * float(joined(expected, expected).abs().max())
            for window in range(1, asked["windows"] + 1):
                of_window = starting(expected, f"window {window},")
                words = {"what": "the gradient of", "given": given, "idea": idea}
                close_all(reply["by_weight"], of_window, **words, scale=scale)
    with report.criterion("what comes back is constant; what was given stays", 0.5):
        judge_what_is_left(ask, *eventful(generator))


def eventful(generator: torch.Generator) -> tuple[dict, str]:
    """A run whose best window is none of the last two: when some window begins, it is no longer
    the latest.
    """
    while True:
        asked, given = truncated_question(generator, "logarithmic", 5, 2, 3, 3)
        losses, _ = unroll(reference(asked["probe_weights"]), run_from(asked), 10)
        if losses.view(5, 2).sum(1).argmin() < 3:
            return asked, given


def judge_what_is_left(ask, asked: dict, given: str) -> None:
    """What comes back, in float64, and what is left behind; some weights are asked about.

    Raises:
        Lost: something is not right.
    """
    asked = in_double(asked)
    asked["probe_listed"] = ["output.weight", "cells.1.bias_ih", "unused", "output.weight"]
    given += "; in float64, with a list of three weights, one of them twice and one without use"
    reply, (gradients, theta, state) = told(ask, asked, given), run_windows(asked)
    rule = "each window goes on from where the one before has ended, with all its digits"
    words = {"given": given, "tolerance": TEN_DIGITS}
    close(reply["theta"], theta, what="theta at the end", idea=rule, **words)
    close(reply["state"], state, what="the state at the end", idea=rule, **words)
    rule = "each weight of the list has its place in the result, and what is not used gets zeros"
    first = starting(gradients, "window 1,")
    close_all(reply["by_weight"], first, what="the gradient of", idea=rule, **words)
    must_be_double(reply["single"], given)
    if reply["with_graph"]:
        raise Lost(
            f"with a graph behind it: {', '.join(reply['with_graph'])}",
            "constants, after the last window too",
            given,
            "whoever keeps a result keeps its graph, and with it the memory of the window: "
            "detach() theta, h and c, and no create_graph=True for the gradients",
        )
    if reply["calls"] != asked["windows"]:
        raise Lost(
            f"unrolled was called {reply['calls']} times", "once for each window", given, rule
        )
    if reply["alive"] > 1.5:
        raise Lost(
            f"the graphs of {reply['alive']:.0f} earlier windows in memory when a window begins",
            "that of the last window at most",
            given,
            "differentiate a window's meta-loss before the next window begins, and hold nothing "
            "that unrolled has returned: its graph is held with it, after a backward pass too",
        )
    must_be_kept(
        reply["changed"],
        given,
        "backward() adds to the .grad of all leaves that it meets, those inside the loss among "
        "them; autograd.grad does not, and clearing .grad loses what was there before; detach_() "
        "and requires_grad_() act on the very tensor, and state[k] = ... on the very list, that "
        "came back",
    )
