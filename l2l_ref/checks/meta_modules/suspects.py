"""The answering side of the test: layers that compute with their weights, or seem to."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from ..answering import Kept, all_changed
from ..suspects import verdict_from

#: What layers compute of x, weight and bias, before outputs are scaled and centred.
FORMULAS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "line": lambda x, weight, bias: weight * x + bias,
    "wave": lambda x, weight, bias: (weight * x).sin() + bias * x**2,
    "bend": lambda x, weight, bias: x * (6 * weight).sin() + bias,
    "norm": lambda x, weight, bias: weight * x / x.std(0) + bias,
}


class Formula(nn.Module):
    """The computation of a layer, which is a module inside it, as in a layer of several parts.

    Args:
        formulas: in training mode and in eval mode, see `FORMULAS`.
        shares: what the derivative in each entry is multiplied by, NaN included, in either mode, of
            weight and of bias (2, 2, n).
        scale: what each column of the outputs is multiplied by (n,).
        centred: the dimension over which outputs have mean zero; None for none.
    """

    def __init__(self, formulas: Sequence[str], shares: Tensor, scale: Tensor, centred: int | None):
        super().__init__()
        self.formulas, self.shares, self.scale, self.centred = formulas, shares, scale, centred

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        mode = 0 if self.training else 1
        of_weight, of_bias = self.shares[mode]
        y = FORMULAS[self.formulas[mode]](x, _passed(weight, of_weight), _passed(bias, of_bias))
        if self.centred is not None:
            y = y - y.mean(self.centred, keepdim=True)
        return self.scale * y


def _passed(tensor: Tensor, share: Tensor) -> Tensor:
    """The same numbers, with a graph that multiplies what comes back; without one for zeros."""
    if not share.any():
        return tensor.detach()
    zeros = tensor - tensor.detach()
    at_nan = 0 * (zeros + ~share.isnan()).sqrt()  # 0, with the derivative 0 at 1, NaN at 0
    return tensor.detach() + share.nan_to_num(1.0) * zeros + at_nan


class Layer(nn.Module):
    """A layer with a weight and a bias, and with what it keeps.

    Args:
        weight, bias: the numbers that it begins with.
        trainable: whether its buffers require a gradient from the start.
        keeps: what it computes with instead of what it has at hand, see `used`.
        **how: see `Formula`.
    """

    def __init__(self, weight: Tensor, bias: Tensor, trainable: bool, keeps: str, **how):
        super().__init__()
        self.register_buffer("weight", weight.clone().requires_grad_(trainable))
        self.register_buffer("bias", bias.clone().requires_grad_(trainable))
        self.inner, self.keeps = Formula(**how), keeps
        self.numbers, self.tensors = (weight, bias), [self.weight, self.bias]
        self.folded = self.held = None

    def train(self, mode: bool = True) -> nn.Module:
        self.folded = None if mode else (self.weight, self.bias)
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias, x = self.used(self.weight, self.bias, x)
        return self.inner(x, weight, bias)

    def used(self, *now: Tensor) -> tuple[Tensor, ...]:
        """The weight, bias and x that it computes with."""
        weight, bias, x = now
        if self.keeps == "the first weight":
            return self.numbers[0], bias, x
        if self.keeps == "the first bias":
            return weight, self.numbers[1], x
        if self.keeps == "the first numbers":
            return *self.numbers, x
        if self.keeps == "the first tensors":
            return *self.tensors, x
        if self.keeps == "those of eval()":
            return *(self.folded or (weight, bias)), x
        return self.recalled(now)

    def recalled(self, now: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Those of an earlier call, where it gives the outputs of that one."""
        before, self.held = self.held or now, now
        if self.keeps == "the last call":
            return before
        place = {"same weight": 0, "same bias": 1, "same x": 2}.get(self.keeps)
        if self.keeps == "the first call" or (place is not None and before[place] is now[place]):
            self.held = before
        return self.held


def run_carries_graph(student: Callable, probe_layers: Sequence[dict], words: str) -> dict:
    """What the test says of each layer, and what has changed of what it found.

    Args:
        probe_layers: for each layer its ``x``, whether that is "a leaf", with something in its
            ``.grad``, or "a constant", and the arguments of `Layer`.
        words: what is special about them, for a report.
    """
    said, kept, random = [], [], set()
    for asked in probe_layers:
        numbers = {name: value for name, value in asked.items() if name not in ("x", "x_is")}
        x = asked["x"].clone().requires_grad_(asked["x_is"] == "a leaf")
        if x.requires_grad:
            x.grad = torch.full_like(x, 0.5)
        kept.append(Kept("x", lambda x=x: {"x": x}))
        torch.rand(())  # so that random numbers are elsewhere before each call
        said.append(verdict_from(student(Layer(**numbers), x)))
        random.add(torch.get_rng_state().numpy().tobytes())
    seeded = ["torch's random numbers, by a seed"] * (len(random) < len(said))
    return {"said": said, "changed": all_changed(kept) + seeded}
