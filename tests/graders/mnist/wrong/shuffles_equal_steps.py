"""A random order of equally spaced numbers.

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
            for weight, inputs in zip(self.parameters(), (n for n in sizes for _ in range(2))):
                order = torch.randperm(weight.numel(), generator=generator)
                weight.copy_(((2 * order + 1) / weight.numel() - 1).view_as(weight) / inputs**0.5)
