"""A copy has the layers of the original, which compute with its weights.

Axis: again.
Loses: the outputs, for any layers and any activation.
"""

import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.activation, self.sizes, self.steps = activation, len(sizes), []
        for k in range(len(sizes) - 1):
            n, m = sizes[k], sizes[k + 1]
            for name, shape in (("matrix", (m, n)), ("bias", (m,))):
                numbers = torch.empty(shape).uniform_(-(n**-0.5), n**-0.5, generator=generator)
                setattr(self, f"{name}{k}", nn.Parameter(numbers))
            if k:
                self.steps.append(activation)
            self.steps.append(
                lambda x, k=k: F.linear(x, getattr(self, f"matrix{k}"), getattr(self, f"bias{k}"))
            )

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x
