"""What is expected in exercise 06, computed in float64 on both sides, and comparisons with it."""

import math
from collections.abc import Mapping
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..answering import doubled
from ..examining import Lost, close, show
from ..wire import Tensors
from .networks import KINDS, LOAD_TIED, Headed, modes_of

#: For what is computed in float64 on both sides.
EXACT = 1e-11


#: Said in more than one question.
ABOVE = "the numbers are not right yet; begin with the criteria above"


def must_be(kinds: Mapping[str, str], expected: Mapping[str, str], given: str, idea: str) -> None:
    """Tensors must be to autograd what is expected of them.

    Raises:
        Lost: one is something else.
    """
    for name, kind in expected.items():
        if kinds[name] != kind:
            raise Lost(f"{name} is a {kinds[name]}", f"{name}: a {kind}", given, idea)


def must_have_none(found: list[str], came_back: str, expected: str, given: str, idea: str) -> None:
    """A list of what is not as it should be must be empty.

    Raises:
        Lost: it is not.
    """
    if found:
        raise Lost(f"{came_back}: {', '.join(found)}", expected, given, idea)


def all_close(
    got: Mapping[str, Tensor | None], expected: Tensors, what: str, given: str, idea: str
) -> None:
    """Compare tensors by name. All have one scale, since a single one may cancel to nothing.

    Raises:
        Lost: they differ; the worst of them is shown.
    """
    words = {"given": given, "idea": idea}
    for name, value in expected.items():
        if got[name] is None:
            close(None, value, what=f"{what} {name}", **words)
        if got[name].shape != value.shape:
            shapes = (f"{what} {name}: shape {tuple(t.shape)}" for t in (got[name], value))
            raise Lost(*shapes, given, idea)
    scale = max(float(value.abs().max()) for value in expected.values())
    off = {n: float((got[n] - v).abs().nan_to_num(nan=math.inf).max()) for n, v in expected.items()}
    worst = max(off, key=off.get)
    if off[worst] > EXACT * scale:
        shown = (f"{what} {worst}: {show(each[worst])}" for each in (got, expected))
        raise Lost(*shown, given, idea)


def agree(
    got: Tensor,
    expected: Tensor,
    what: str,
    given: str,
    idea: str,
    tolerance: float,
    scale: float = 0.0,
) -> None:
    """Compare tensors in which entries may be NaN or infinite: those must be so, too.

    Args:
        tolerance, scale: see `close`.

    Raises:
        Lost: they differ.
    """
    if torch.equal(got, expected):
        return
    if got.shape == expected.shape:
        same = (got == expected) | (got.isnan() & expected.isnan())
        got, expected = (t.masked_fill(same & ~expected.isfinite(), 0.0) for t in (got, expected))
    words = {"what": what, "given": given, "idea": idea}
    close(got, expected, tolerance=tolerance, scale=scale, **words)


def must_not_remember(remembered: bool, what: str, given: str, idea: str) -> None:
    """Nothing may be held any more when a function has returned.

    Raises:
        Lost: it is.
    """
    if remembered:
        raise Lost(f"{what}: still held when nobody needs it", "nothing is kept", given, idea)


def slopes_of(output: Tensor, sources: Tensors) -> Tensors:
    """The derivative of an output in each source."""
    found = torch.autograd.grad(
        output, list(sources.values()), retain_graph=True, materialize_grads=True
    )
    return dict(zip(sources, found, strict=True))


def numbers_for(
    network: nn.Module, generator: torch.Generator, without_key: bool = False
) -> Tensors:
    """Fresh numbers for a network, such that everything in it matters.

    Args:
        without_key: for its buffers, each once, instead of its state dict.
    """
    found = {}
    tensors = dict(network.named_buffers()) if without_key else network.state_dict()
    for name, tensor in tensors.items():
        if name.endswith("num_batches_tracked"):
            found[name] = torch.randint(2, 50, (), generator=generator)
        elif name.endswith("running_var"):
            found[name] = torch.rand(tensor.shape, generator=generator) + 0.5
        else:
            fan_in = tensor[0].numel() if tensor.ndim > 1 else 1
            spread = max(fan_in, 1) ** -0.5
            spread = 0.3 if name.endswith("bias") else spread  # few units must be dead
            found[name] = spread * torch.randn(tensor.shape, generator=generator)
    return found


def same_numbers(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same numbers; NaN is the same as NaN."""
    return torch.equal(one.nan_to_num(), other.nan_to_num())


def fan_out(weight: Tensor) -> float:
    """The standard deviation that a weight should have."""
    return math.sqrt(2 / (weight.shape[0] * weight[0, 0].numel()))


@cache
def headed(classes: int) -> Headed:
    """One of these networks, for its names and shapes."""
    return Headed(classes, rare=False)


def numbers_to_load(classes: int, rare: bool, generator: torch.Generator) -> Tensors:
    """Numbers for the state dict of a network; rare ones are in float64, large, or not finite."""
    found = numbers_for(headed(classes), generator)
    if rare:
        found = {
            n: t.double() / 3 if t.is_floating_point() else t + 2**40 for n, t in found.items()
        }
        found["features.1.running_mean"][:3] = torch.tensor([torch.nan, torch.inf, -0.0])
        found |= {place: found[of].clone() for place, of in LOAD_TIED.items()}
    return found


class Run:
    """Gradient descent on a network in float64.

    Args:
        asked: a `problem` of `steps`. training: the mode. kind: of the network.
    """

    def __init__(self, asked: Mapping, training: bool, kind: str = "residual"):
        self.sources = {n: w.requires_grad_() for n, w in doubled(asked["weights"]).items()}
        self.theta = dict(self.sources)
        self.rest = {n: c.clone() for n, c in doubled(asked["constants"]).items()}
        self.rate = asked["rate"].double().requires_grad_()
        self.network = modes_of(KINDS[kind](asked["momenta"]), training)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The loss on a batch, which moves the statistics in training mode."""
        tensors = self.theta | self.rest
        loss = F.cross_entropy(functional_call(self.network, tensors, (x.double(),)), y)
        self.rest = {name: tensors[name] for name in self.rest}  # one may be a new tensor
        return loss

    def step(self, x: Tensor, y: Tensor, first_order: bool = False) -> None:
        """One step on a batch."""
        slopes = torch.autograd.grad(
            self.loss(x, y),
            list(self.theta.values()),
            create_graph=not first_order,
            materialize_grads=True,
        )
        self.theta = {
            name: w - self.rate * slope
            for (name, w), slope in zip(self.theta.items(), slopes, strict=True)
        }

    def slopes(self, output: Tensor) -> Tensors:
        """The derivatives of an output in the first weights and in the rate."""
        return slopes_of(output, {**self.sources, "the rate": self.rate})
