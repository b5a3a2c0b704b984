"""The questions of exercise 04 on the functions: how they are drawn, their losses and gradients."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ...tasks import Quadratics
from ...unroll import loss_and_gradient
from ..examining import (
    SIGMAS,
    TOLERANCE,
    Lost,
    close,
    error,
    must_be_kept,
    recognise,
    seed_from,
    show,
)
from ..lstm_questions import drawn

# 1. sample


def exam_sample(generator, ask, report):
    """The distribution; what it depends on."""

    def question(functions: int, calls: int = 1) -> dict:
        seed = seed_from(generator)
        return {"functions": functions, "probe_seed": seed, "calls": calls}

    with report.criterion("every entry is normal and independent of the others", 0.5):
        reply = ask(**question(400))
        given = "400 functions of 10 coordinates"
        for what, sigmas, expected, idea in statistics(reply["W first"][0], reply["y first"][0]):
            if not abs(sigmas) < SIGMAS:
                raise Lost(what, expected, given, idea)
        for size in (1, 4):
            W = ask(**question(200), size=size)["W first"][0]
            if not abs(W.double().std() - 1) < 0.3:  # six standard deviations of that number
                raise Lost(
                    f"entries of W with the standard deviation {show(float(W.std()))}",
                    "the standard deviation 1, whatever the size",
                    f"200 functions, size = {size}",
                    "torch.randn is right as it comes",
                )
    with report.criterion(
        "the functions depend on the generator's state, and on nothing else", 0.5
    ):
        reply = ask(**question(5, calls=2))
        given = "5 functions, twice in a row from one generator"
        for name in "Wy":
            first, again = reply[f"{name} first"], reply[f"{name} again"]
            if error(first[0], first[1]) < TOLERANCE:
                raise Lost(
                    f"{name} is the same both times",
                    "other functions at the second call",
                    given,
                    "a generator moves on while numbers are drawn from it; do not put it back, "
                    "and draw from the generator itself, not from a seed it once had",
                )
            if error(first, again) > TOLERANCE:
                raise Lost(
                    f"{name} begins {show(first[0, 0])} at first, then {show(again[0, 0])}",
                    "the same functions",
                    "generators in the same state, twice",
                    "hand the generator on: torch.randn(..., generator=generator), for W and for "
                    "y; without it the numbers come from torch's global generator",
                )
        if reply["moved"]:
            raise Lost(
                "torch's global generator has moved, or was seeded",
                "it is as it was",
                given,
                "draw from the generator that is given, and never call torch.manual_seed here",
            )


def statistics(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """How many standard deviations each statistic is off, with what to say about it.

    What ties entries together comes first, since the mean of such entries strays too.
    """
    W, y = W.double(), y.double()
    yield from _relations(*((x - x.mean()) / x.std().clamp(min=1e-9) for x in (W, y)))
    normal = "torch.randn draws from the standard normal distribution, torch.rand does not"
    for name, x in (("W", W.flatten()), ("y", y.flatten())):
        n, square, fourth = len(x), x.square().mean(), x.pow(4).mean()
        yield f"{name} with the mean {show(x.mean())}", x.mean() * n**0.5, "mean 0", normal
        off = (square - 1) * (n / 2) ** 0.5
        yield f"{name} with the mean square {show(square)}", off, "mean square 1", normal
        off = (fourth - 3) * (n / 96) ** 0.5
        say = f"{name} whose fourth powers have the mean {show(fourth)}"
        yield say, off, "3, as for a normal distribution", normal


def _relations(W: Tensor, y: Tensor) -> Iterator[tuple[str, float, str, str]]:
    """Whether entries of mean 0 and mean square 1 know of each other."""
    functions, size = y.shape

    def chance(sums: Tensor) -> float:
        """Of the squares of numbers that should each be standard normal (Wilson, Hilferty)."""
        spread = 2 / (9 * sums.numel())
        return float((sums.square().mean() ** (1 / 3) - (1 - spread)) / spread**0.5)

    pairs = torch.ones(size, size).triu(1) == 1
    rows = torch.einsum("fik,fjk->ij", W, W)[pairs] / (functions * size) ** 0.5
    columns = torch.einsum("fki,fkj->ij", W, W)[pairs] / (functions * size) ** 0.5
    mirror = torch.einsum("fij,fji->ij", W, W)[pairs] / functions**0.5
    with_y = torch.einsum("fij,fk->ijk", W, y) / functions**0.5
    from_W = torch.einsum("fi,fj,fik,fjk->ij", y, y, W, W)[pairs] / (functions * size) ** 0.5
    among_y = torch.einsum("fi,fj->ij", y, y)[pairs] / functions**0.5
    half = functions // 2
    halves = (W[:half] * W[half : 2 * half]).sum(0) / half**0.5
    own = "every entry is drawn for itself; expand(), repeat() and W + W.mT tie entries together"
    for what, sums in (
        ("all functions have the same W", W.sum(0) / functions**0.5),
        ("all functions have the same y", y.sum(0) / functions**0.5),
        ("half of the functions have the W of the other half", halves),
        ("the rows of each W are related", rows),
        ("the columns of each W are related", columns),
        ("each W and its transpose are related", mirror),
        ("W and y are related", with_y),
        ("y was made from W", from_W),
        ("the entries of y are related", among_y),
    ):
        yield what, chance(sums), "independent entries", own


# 1. losses_and_gradients


def exam_losses_and_gradients(generator, ask, report):
    """Values; gradients; constants."""

    def question(functions: int, m: int, n: int) -> tuple[dict, Quadratics, str]:
        asked = {
            "W": drawn((functions, m, n), generator),
            "y": drawn((functions, m), generator),
            "theta": drawn((functions, n), generator),
        }
        task = Quadratics(asked["W"].double(), asked["y"].double())
        plural = "s" if functions > 1 else ""
        return asked, task, f"{functions} function{plural}, each W {m} x {n}"

    shapes = ((3, 4, 4), (4, 4, 4), (1, 3, 3), (2, 5, 3), (3, 2, 4))
    with report.criterion("the losses, one for each function", 0.5):
        for shape in shapes:
            asked, task, given = question(*shape)
            reply = ask(**asked)
            losses = task.loss(asked["theta"].double(), 0)
            wrong = {
                "this is the norm; the loss is its square": losses.sqrt(),
                "this is the mean of the squares; the loss is their sum": losses / shape[1],
                "these losses are divided by 2": losses / 2,
            }
            idea = recognise(
                reply,
                {say: {"losses": each} for say, each in wrong.items()},
                "the sum of the squares of W theta - y, for each function by itself",
            )
            close(reply["losses"], losses, what="the losses", given=given, idea=idea)
    with report.criterion("the gradients; all are constants, and what was given stays", 0.5):
        for shape in shapes:
            asked, task, given = question(*shape)
            reply = ask(**asked)
            losses, gradients = loss_and_gradient(task, asked["theta"].double(), 0)
            close(reply["losses"], losses, what="the losses", given=given)
            wrong = {
                "a factor 2 is missing": gradients / 2,
                "this is the gradient of the mean over the functions; the mean divides every "
                "function's gradient by their number": gradients / shape[0],
                "the sign is wrong: the gradient leads uphill": -gradients,
            }
            if shape[0] == 1:
                wrong.pop(next(say for say in wrong if "mean over" in say))
            idea = recognise(
                reply,
                {say: {"gradients": each} for say, each in wrong.items()},
                "the gradient is 2 W^T (W theta - y), for each function by itself",
            )
            close(reply["gradients"], gradients, what="the gradients", given=given, idea=idea)
            if reply["with_graph"]:
                raise Lost(
                    f"with a graph: {' and '.join(reply['with_graph'])}",
                    "constants",
                    given,
                    "detach() what was computed from a theta that requires a gradient",
                )
            idea = (
                "theta.requires_grad_(), -= and the like change what the caller has; detach() and "
                "the usual operators make new tensors"
            )
            must_be_kept(reply["changed"], given, idea)
