"""uniform_ without the generator.

Loses: the start is uniform and comes from the generator.
"""

import torch
from answers import solved
from torch import nn

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__(sizes, generator, activation)
        for k in range(self.depth):
            for name in ("weight", "bias"):
                old = getattr(self, f"{name}_{k}")
                new = torch.empty(old.shape).uniform_(-(sizes[k] ** -0.5), sizes[k] ** -0.5)
                setattr(self, f"{name}_{k}", nn.Parameter(new))
