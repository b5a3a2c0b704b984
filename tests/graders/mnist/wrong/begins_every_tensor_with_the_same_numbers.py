"""A generator of its own for each tensor, all with one seed.

Loses: the start is uniform and comes from the generator.
Axis: random.
"""

import torch
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        super().__init__(sizes, generator, activation)
        seed = int(torch.randint(2**31, (), generator=generator))
        with torch.no_grad():
            for weight in self.parameters():
                if weight.ndim == 2:
                    bound = float(weight.shape[1]) ** -0.5
                weight.uniform_(-bound, bound, generator=torch.Generator().manual_seed(seed))
