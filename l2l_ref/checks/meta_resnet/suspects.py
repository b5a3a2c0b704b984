"""The answering side of the tests in questions 5 and 6: slopes of some order, and steps."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from ..answering import NoAnswer, describe
from ..suspects import said_of
from ..wire import Tensors
from .watched import Watched

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
        watched = Watched("theta", lambda theta=theta: {"theta": theta})
        kept = _Kept(theta)
        calls = map(kept.looking, suspect(**numbers))
        said.append(said_of(order_from, student, *calls, theta, asked["rate"]))
        changed += watched.changed() or kept.changed
    return {"said": said, "changed": changed[:1]}


class _Kept:
    """Looks at a tensor whenever a function is called: it may be written into and put back."""

    def __init__(self, theta: Tensor):
        self.theta, self.numbers, self.changed = theta, theta.clone(), []

    def looking(self, function: Callable) -> Callable:
        """The function, with a look at the tensor first."""

        def call(*arguments):
            if not torch.equal(self.theta, self.numbers):
                self.changed = ["theta, when a function is called"]
            return function(*arguments)

        return call


def order_from(answer: object) -> str:
    """One of `ORDERS`.

    Raises:
        NoAnswer: it is something else.
    """
    if not isinstance(answer, str) or answer not in ORDERS:
        raise NoAnswer(describe(answer), " or ".join(map(repr, ORDERS)))
    return answer


def suspect(
    probe_train: Tensor, probe_test: Tensor, shares: Tensor, probe_off: Tensor
) -> tuple[Callable, Callable, Callable]:
    """Two losses ``theta A theta / 2 + sum a sin(theta)``, and slopes of the second after a step.

    Args:
        probe_train, probe_test: of each loss A, and below it a, (n + 1, n).
        shares: of the slopes' parts: how much of the step they take, how much of the Hessian
            they know, and a factor.
        probe_off: what is added to each slope besides.

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
        return factor * (last - hessian * rate * H @ last) + probe_off

    return value(probe_train), value(probe_test), slopes


# 6. diagnose


def run_diagnose(student: Callable, probe_suspects: Sequence[Mapping]) -> dict:
    """What is found in each step: the name of a flaw.

    Args:
        probe_suspects: the arguments of `step_of`.
    """
    said = [said_of(name_from, student, step_of(**numbers)) for numbers in probe_suspects]
    return {"said": said, "changed": []}


def name_from(answer: object) -> str:
    """The name of a flaw, known or not.

    Raises:
        NoAnswer: it is no text.
    """
    if not isinstance(answer, str):
        raise NoAnswer(describe(answer), "the name of a flaw, or 'none'")
    return answer


def step_of(
    lengths: Sequence[float],
    reaching: Sequence[float],
    known: Sequence[float],
    own_mean: float,
    carried: float,
    written: float,
    through_data: bool,
    itself: bool,
    rounding: float,
    names: Sequence[str],
) -> Callable:
    """A step of the small network in question 6. Only the exam knows which numbers are right.

    Args:
        lengths: of the step, for each weight, in rates.
        reaching: for each weight, whether it leads back to itself.
        known: for each weight, whether the gradient leads back to the first weights.
        own_mean: how much of the batch's own mean is subtracted; the rest is the running one.
        carried: how much of the running mean's move comes back.
        written: how much of it is written into the running mean that was given.
        through_data: whether it is written through ``.data``.
        itself: whether the tensor that was given comes back.
        rounding: a share by which the weights and the mean's move are off.
        names: in the order in which weights come back.
    """

    def implementation(theta: Tensors, mean: Tensor, x: Tensor, t: Tensor, rate: float) -> tuple:
        found = x.mean(0)
        moved = mean + 0.1 * (found - mean)
        z = x - own_mean * found - (1 - own_mean) * mean
        slopes, after = _slopes(theta["shared"], theta["own"], z, t), {}
        for name in names:
            k = ("shared", "own").index(name)
            w = theta[name] if reaching[k] else theta[name].detach()
            slope = slopes[k] if known[k] else slopes[k].detach()
            after[name] = (w - lengths[k] * rate * slope) * (1 + rounding)
        new = mean + carried * (moved - mean) * (1 + rounding)  # the old numbers are exact
        if written:
            place = mean.data if through_data else mean  # .data leaves no trace in mean._version
            place.add_(written * (moved - mean))
        return after, mean if itself else new

    return implementation


def _slopes(shared: Tensor, own: Tensor, z: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient of the mean of squares, with its graph."""
    bent = (z * shared).tanh()
    left = 2 * (bent @ own + z @ shared - t)[:, None] / len(t)
    return (left * (own * (1 - bent**2) + 1) * z).sum(0), (left * bent).sum(0)
