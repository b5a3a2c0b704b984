"""The answering side of question 7: losses of some rates, and slopes, that a test is tried on."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..suspects import verdict_from
from .given import plant, watched


def run_slopes_are_right(student: Callable, probe_suspects: Sequence[dict]) -> dict:
    """What the test says of each suspect, and what it has changed.

    Args:
        probe_suspects: the arguments of `suspect`; ``rates`` of each, and what they are, see
            `given_rates`.
    """
    said, changed = [], []
    for asked in probe_suspects:
        numbers = {name: value for name, value in asked.items() if name not in ("rates", "kind")}
        loss_of, slopes_of = suspect(**numbers)
        rates = given_rates(asked["rates"], asked["kind"])
        with watched(rates=rates) as found:
            said.append(verdict_from(student(loss_of, slopes_of, rates)))
        changed += found
    return {"said": said, "changed": list(dict.fromkeys(changed))}


def suspect(
    of_loss: Tensor,
    of_slopes: Tensor,
    Q_of_loss: Tensor,
    Q_of_slopes: Tensor,
    offset: float,
    places: Sequence[int],
) -> tuple[Callable, Callable]:
    """A loss ``offset + sum a sin(b r + c) + r Q r / 2`` of rates r, and what may be its slopes.

    Args:
        of_loss, of_slopes: a, b and c, each with a number for each rate (3, rates).
        Q_of_loss, Q_of_slopes: symmetric matrices.
        places: for each rate the place of the slope that is given under its name.
    """

    def loss_of(rates: dict[str, Tensor]) -> Tensor:
        r = torch.stack([rate.detach() for rate in rates.values()])  # no graph to trust
        a, b, c = of_loss
        return offset + (a * (b * r + c).sin()).sum() + r @ Q_of_loss @ r / 2

    def slopes_of(rates: dict[str, Tensor]) -> dict[str, Tensor]:
        r = torch.stack([rate.detach() for rate in rates.values()])
        a, b, c = of_slopes
        slopes = a * b * (b * r + c).cos() + Q_of_slopes @ r
        return dict(zip(rates, slopes[places].unbind(), strict=True))

    return loss_of, slopes_of


def given_rates(rates: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Rates as constants, or as leaves with something in their ``.grad``."""
    given = {name: rate.clone() for name, rate in rates.items()}
    if kind == "leaves":
        given = {name: rate.requires_grad_() for name, rate in given.items()}
        plant(given)
    return given
