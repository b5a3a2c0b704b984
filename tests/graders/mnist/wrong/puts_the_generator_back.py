"""The same network whenever it is asked.

Loses: the start is uniform and comes from the generator.
Axis: random.
"""

import torch
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def __init__(self, sizes, generator, activation=torch.sigmoid):
        state = generator.get_state()
        super().__init__(sizes, generator, activation)
        generator.set_state(state)
