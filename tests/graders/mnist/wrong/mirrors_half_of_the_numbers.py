"""Each number comes with its opposite, so that the mean is 0.

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
                half = weight.numel() // 2
                weight.view(-1)[half : 2 * half] = -weight.view(-1)[:half]
