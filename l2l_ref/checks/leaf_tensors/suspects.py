"""The answering side of question 7: losses of some rates, and slopes, that a test is tried on."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..suspects import said_of, verdict_from
from .given import plant, watched


def run_slopes_are_right(student: Callable, probe_suspects: Sequence[dict], words: str) -> dict:
    """What the test says of each suspect, and what it has changed.

    Args:
        probe_suspects: the arguments of `suspect`; ``rates`` of each, and what they are, see
            `given_rates`.
        words: what is special about them, for a report.
    """
    said, changed = [], []
    for asked in probe_suspects:
        numbers = {name: value for name, value in asked.items() if name not in ("rates", "kind")}
        loss_of, slopes_of = suspect(list(asked["rates"]), **numbers)
        rates = given_rates(asked["rates"], asked["kind"])
        with watched(rates=rates) as found:
            said.append(said_of(verdict_from, student, loss_of, slopes_of, rates))
        changed += found
    return {"said": said, "changed": list(dict.fromkeys(changed))}


def suspect(
    names: Sequence[str],
    of_loss: Tensor,
    of_slopes: Tensor,
    Q_of_loss: Tensor,
    Q_of_slopes: Tensor,
    valley_of_loss: Tensor,
    valley_of_slopes: Tensor,
    offset: float,
    places: Sequence[int],
    autograd: str = "cut",
    backwards: bool = False,
) -> tuple[Callable, Callable]:
    """A loss of rates r, and what may be its slopes.

    It is ``offset + sum a sin(b r + c) + r Q r / 2 + v (first r - last r)^2 / 2``.

    Args:
        names: of the rates, in the order of the numbers; a dict of rates may have another.
        of_loss, of_slopes: a, b and c, each with a number for each rate (3, rates).
        Q_of_loss, Q_of_slopes: symmetric matrices.
        valley_of_loss, valley_of_slopes: v for the first rate, -v for the last, and 0 between them.
        places: for each rate the place of the slope that is given under its name.
        autograd: what becomes of a graph behind the rates: it is "cut", it is "cut in part", so
            that it leads back from some terms alone, or it is cut and both functions use autograd
            "inside".
        backwards: whether the slopes come in the opposite order.
    """

    def stacked(rates: dict[str, Tensor]) -> Tensor:
        r = torch.stack([rates[name] for name in names])
        return r if autograd == "cut in part" else r.detach()

    def sine(t: Tensor) -> Tensor:
        return sine_by_autograd(t) if autograd == "inside" else t.sin()

    def loss_of(rates: dict[str, Tensor]) -> Tensor:
        r = stacked(rates)
        (a, b, c), Q = of_loss.to(r.dtype), Q_of_loss.to(r.dtype)
        constant = r.detach()
        valley = valley_of_loss[0] * (constant[0] - constant[-1]).square() / 2
        return offset + (a * sine(b * r + c)).sum() + constant @ Q @ constant / 2 + valley

    def slopes_of(rates: dict[str, Tensor]) -> dict[str, Tensor]:
        r = stacked(rates)
        (a, b, c), Q = of_slopes.to(r.dtype), Q_of_slopes.to(r.dtype)
        valley = valley_of_slopes * (r[0] - r[-1])
        slopes = a * b * sine(b * r + c + math.pi / 2) + Q @ r + valley
        found = dict(zip(names, slopes[places].unbind(), strict=True))
        return dict(reversed(found.items())) if backwards else found

    return loss_of, slopes_of


def sine_by_autograd(t: Tensor) -> Tensor:
    """The sine, as minus the slope of the cosine; it is refused where no gradient is recorded."""
    own = t.detach().requires_grad_()
    return -torch.autograd.grad(own.cos().sum(), own)[0]


def given_rates(rates: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Rates as constants, leaves with something in their ``.grad``, results, or one tensor."""
    given = {name: rate.clone() for name, rate in rates.items()}
    if kind == "one":
        return dict.fromkeys(given, next(iter(given.values())))
    if kind != "constants":
        given = {name: rate.requires_grad_() for name, rate in given.items()}
    if kind == "leaves":
        plant(given)
    return {name: rate.clone() for name, rate in given.items()} if kind == "results" else given
