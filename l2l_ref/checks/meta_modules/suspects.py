"""The answering side of the test: layers that compute with their weights, or seem to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..suspects import verdict_from


@dataclass(frozen=True)
class Habits:
    """How a layer treats its weights; as it stands here, it is right.

    Args:
        weight, bias: what the derivative in each is multiplied by.
        new_weight, new_bias: 1 where the tensor of now is used, 0 where the first one is.
        in_train, in_eval: what all derivatives are multiplied by in the mode.
        last: what the derivative in the weight's last entry is multiplied by.
        once: 1 where the first output is given again.
    """

    weight: float = 1.0
    bias: float = 1.0
    new_weight: float = 1.0
    new_bias: float = 1.0
    in_train: float = 1.0
    in_eval: float = 1.0
    last: float = 1.0
    once: float = 0.0


class Wave(nn.Module):
    """``y = sin(weight x) + bias x^2``, entry by entry, with certain habits."""

    def __init__(self, habits: Habits, weight: Tensor, bias: Tensor):
        super().__init__()
        self.habits, self.first, self.given = habits, (weight, bias), None
        self.register_buffer("weight", weight.clone().requires_grad_())
        self.register_buffer("bias", bias.clone().requires_grad_())

    def forward(self, x: Tensor) -> Tensor:
        habits = self.habits
        share = habits.in_train if self.training else habits.in_eval
        rows = torch.ones_like(self.first[0])
        rows[-1] = habits.last
        weight = self.weight if habits.new_weight else self.first[0]
        bias = self.bias if habits.new_bias else self.first[1]
        weight = _scaled(weight, share * habits.weight * rows)
        bias = _scaled(bias, share * habits.bias)
        y = (weight * x).sin() + bias * x**2
        if habits.once:
            self.given = y if self.given is None else self.given
            return self.given
        return y


def _scaled(tensor: Tensor, share: Tensor | float) -> Tensor:
    """The same numbers, with a graph that multiplies what comes back."""
    return tensor * share + tensor.detach() * (1 - share)


def run_carries_graph(
    student: Callable, probe_layers: Sequence[dict], probe_weights: Tensor, x: Tensor
) -> dict:
    """What the test says of each layer, and whether x is as it was.

    Args:
        probe_weights: weight and bias of each layer (layers, 2, n).
    """
    said, given = [], x.clone()
    for numbers, (weight, bias) in zip(probe_layers, probe_weights, strict=True):
        layer = Wave(Habits(**numbers), weight.clone(), bias.clone())
        said.append(verdict_from(student(layer, given)))
    changed = [] if torch.equal(given, x) and not given.requires_grad else ["x"]
    return {"said": said, "changed": changed}
