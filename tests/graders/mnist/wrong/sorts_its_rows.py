"""Uniform numbers, in ascending order.

Loses: the start is uniform and comes from the generator.
Axis: random.
"""

import torch
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__(sizes, generator, activation)
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_(weight.sort(-1).values)
