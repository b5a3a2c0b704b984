"""What questions about LSTM optimizers are made of, in more than one exercise.

Weights and states are drawn, the reference takes them, and tensors are compared by name. The
reference keeps coordinates last, the exercises keep them first: `turned` is all there is between
the two.
"""

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from ..optimizers import LSTMOptimizer
from .answering import doubled
from .examining import TOLERANCE, Lost, close, error, show
from .wire import Tensors

#: For what is computed in float64 on both sides.
TEN_DIGITS = 1e-10

#: Hidden units, and the factor of the output.
HIDDEN, SCALE = 4, 0.5


def drawn(shape: tuple, generator: torch.Generator, spread: float = 1.0) -> Tensor:
    """Gaussian numbers."""
    return spread * torch.randn(shape, generator=generator)


def weights_for(cells: int, generator: torch.Generator, hidden: int = HIDDEN) -> Tensors:
    """The weights of an optimizer, large enough that everything matters."""
    names = LSTMOptimizer(hidden, cells).state_dict()
    return {name: drawn(w.shape, generator, 0.7) for name, w in names.items()}


def state_for(cells: int, n: int, generator: torch.Generator, hidden: int = HIDDEN) -> Tensor:
    """A state in the middle of a run."""
    h = drawn((cells, n, hidden), generator).tanh()
    return torch.stack([h, drawn((cells, n, hidden), generator)], dim=1)


def in_double(asked: dict) -> dict:
    """The question in float64."""

    def one(value: object) -> object:
        if isinstance(value, dict):
            return doubled(value)
        return value.double() if isinstance(value, Tensor) else value

    return {name: one(value) for name, value in asked.items()}


def turned(state: Tensor) -> list[tuple[Tensor, Tensor]]:
    """A state (cells, 2, n, hidden) as the reference has it, coordinates last, in float64."""
    return [(h.T.double(), c.T.double()) for h, c in state]


def turned_back(state: list[tuple[Tensor, Tensor]]) -> Tensor:
    """The reference's state as the exercise has it."""
    return torch.stack([torch.stack([h.T, c.T]) for h, c in state]).detach()


def reference(weights: Tensors, scale: float = SCALE) -> LSTMOptimizer:
    """The reference with these weights, in float64."""
    cells = sum(name.endswith("weight_hh") for name in weights)
    hidden = weights["output.weight"].shape[1]
    optimizer = LSTMOptimizer(hidden, cells, output_scale=scale).double()
    optimizer.load_state_dict(weights)
    return optimizer


def by_name(optimizer: LSTMOptimizer, output: Tensor) -> Tensors:
    """The derivative of an output in each weight; zero where no graph leads there."""
    names, weights = zip(*optimizer.named_parameters(), strict=True)
    if not output.requires_grad:
        return {n: torch.zeros_like(w) for n, w in zip(names, weights, strict=True)}
    found = torch.autograd.grad(output, weights, materialize_grads=True, retain_graph=True)
    return dict(zip(names, found, strict=True))


def close_all(
    got: Mapping[str, Tensor | None],
    expected: Tensors,
    *,
    what: str,
    given: str,
    idea: str,
    tolerance: float = TOLERANCE,
    scale: float = 0.0,
) -> None:
    """Compare tensors by name; all together have one scale, since one number alone may cancel.
    ``scale``: see `close`.

    Raises:
        Lost: they differ; the worst of them is shown.
    """
    missing = [name for name in expected if got[name] is None]
    worst = missing[0] if missing else max(expected, key=lambda name: _off(got, expected, name))
    words = {"what": f"{what} {worst}".strip(), "given": given, "idea": idea}
    if missing:
        close(None, expected[worst], **words)
    try:
        every = joined(got, expected), joined(expected, expected)
        close(*every, **words, tolerance=tolerance, scale=scale)
    except Lost as lost:
        shown = (f"{words['what']}: {show(each[worst])}" for each in (got, expected))
        raise Lost(*shown, given, idea) from lost


def _off(got: Mapping[str, Tensor], expected: Tensors, name: str) -> float:
    difference = (got[name] - expected[name]).abs().nan_to_num(nan=math.inf)
    return float(difference.max())


def joined(tensors: Mapping[str, Tensor], names: Iterable[str]) -> Tensor:
    """All numbers of some tensors."""
    return torch.cat([tensors[name].flatten() for name in names])


def must_be_double(single: list[str], given: str) -> None:
    """What came in as float64 comes back as float64.

    Raises:
        Lost: something does not.
    """
    if single:
        idea = (
            "torch.zeros(shape) has torch's default dtype; zeros_like and new_zeros follow a tensor"
        )
        raise Lost(f"not float64: {', '.join(single)}", "float64", given, idea)


def starting(tensors: Mapping[str, Tensor | None], start: str) -> dict[str, Tensor | None]:
    """Those whose names start in a way."""
    return {name: tensor for name, tensor in tensors.items() if name.startswith(start)}


def digits(
    got: Mapping[str, Tensor | None], expected: Tensors, *, what: str, given: str, idea: str
) -> None:
    """Compare in float64, to ten digits.

    Raises:
        Lost: they differ.
    """
    if all(got[name] is not None for name in expected):
        off = error(joined(got, expected), joined(expected, expected))
        if TEN_DIGITS < off <= TOLERANCE:
            idea = (
                f"this is right to {-math.log10(off):.0f} digits: something on the way is float32, "
                "such as float(), a tensor made with dtype=torch.float32, or torch.zeros(n) "
                "without the dtype of theta"
            )
    close_all(got, expected, what=what, given=given, idea=idea, tolerance=TEN_DIGITS)
