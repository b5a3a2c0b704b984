"""Where no weight is trainable, the outputs are computed without any graph, although x has one.

Axis: ties.
Loses: steps stay in the graph.
"""

import itertools

import torch
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.count, self.activation = len(sizes) - 1, activation
        for k, (n, m) in enumerate(itertools.pairwise(sizes)):
            for name, shape in (("matrix", (m, n)), ("bias", (m,))):
                numbers = torch.empty(shape).uniform_(-(n**-0.5), n**-0.5, generator=generator)
                setattr(self, f"{name}{k}", nn.Parameter(numbers))

    def forward(self, x):
        moving = any(weight.requires_grad for weight in self.parameters())
        with torch.set_grad_enabled(moving and torch.is_grad_enabled()):
            for k in range(self.count):
                x = x @ getattr(self, f"matrix{k}").mT + getattr(self, f"bias{k}")
                x = self.activation(x) if k + 1 < self.count else x
        return x
