"""The list of sizes is the caller's, who goes on with it.

Axis: behind.
Loses: the outputs, for any layers and any activation.
"""

import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.modules import MetaModule


class Perceptron(MetaModule):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__()
        self.activation, self.sizes, self.steps = activation, sizes, []
        for k in range(len(sizes) - 1):
            n, m = sizes[k], sizes[k + 1]
            for name, shape in (("matrix", (m, n)), ("bias", (m,))):
                numbers = torch.empty(shape).uniform_(-(n**-0.5), n**-0.5, generator=generator)
                setattr(self, f"{name}{k}", nn.Parameter(numbers))

    def forward(self, x):
        last = len(self.sizes) - 2
        for k in range(last + 1):
            x = F.linear(x, getattr(self, f"matrix{k}"), getattr(self, f"bias{k}"))
            x = self.activation(x) if k < last else x
        return x
