"""The answering side of the test in question 5: slopes of a loss after one step, of some order."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..answering import NoAnswer, describe

ORDERS = ("second order", "first order", "neither")


def run_order_of(student: Callable, probe_suspects: Sequence[dict]) -> dict:
    """What the test says of each suspect: one of `ORDERS`.

    Args:
        probe_suspects: the arguments of `suspect`, with ``theta`` and ``rate``.
    """
    said, changed = [], []
    for asked in probe_suspects:
        numbers = {name: value for name, value in asked.items() if name not in ("theta", "rate")}
        theta = asked["theta"].clone()
        answer = student(*suspect(**numbers), theta, asked["rate"])
        if not isinstance(answer, str) or answer not in ORDERS:
            raise NoAnswer(describe(answer), " or ".join(map(repr, ORDERS)))
        said.append(answer)
        if theta.requires_grad or not torch.equal(theta, asked["theta"]):
            changed.append("theta")
    return {"said": said, "changed": changed[:1]}


def suspect(
    probe_train: Tensor, probe_test: Tensor, shares: Tensor, probe_factors: Tensor
) -> tuple[Callable, Callable, Callable]:
    """Two losses ``theta A theta / 2 + sum a sin(theta)``, and slopes of the second after a step.

    Args:
        probe_train, probe_test: of each loss A, and below it a, (n + 1, n).
        shares: of the slopes' parts: how much of the step they take, how much of the Hessian
            they know, and a factor.
        probe_factors: one for each slope besides.

    Returns:
        ``train``, ``test`` and ``slopes(theta, rate)``. The values have no graph.
    """

    def value(numbers: Tensor) -> Callable[[Tensor], Tensor]:
        A, a = numbers[:-1], numbers[-1]
        return lambda theta: theta.detach() @ A @ theta.detach() / 2 + a @ theta.detach().sin()

    def gradient(numbers: Tensor, theta: Tensor) -> Tensor:
        return numbers[:-1] @ theta + numbers[-1] * theta.cos()

    def slopes(theta: Tensor, rate: float) -> Tensor:
        theta, (step, hessian, factor) = theta.detach(), shares
        after = theta - step * rate * gradient(probe_train, theta)
        last = gradient(probe_test, after)
        H = probe_train[:-1] - (probe_train[-1] * theta.sin()).diag()
        return probe_factors * factor * (last - hessian * rate * H @ last)

    return value(probe_train), value(probe_test), slopes
