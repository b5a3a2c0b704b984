"""Inputs and weights are turned into float32 on the way.

Loses: steps stay in the graph.
Axis: dtype.
"""

import torch.nn.functional as F
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        for layer in range(self.depth):
            weight, bias = (getattr(self, f"{n}_{layer}").float() for n in ("weight", "bias"))
            x = self.activation(x) if layer else x
            x = F.linear(x.float(), weight, bias).to(x.dtype)
        return x
