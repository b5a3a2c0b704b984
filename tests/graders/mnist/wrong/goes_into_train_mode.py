"""Whoever calls it finds it in train mode afterwards.

Loses: the outputs, for any layers and any activation.
Axis: behind.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        self.train()
        return super().forward(x)
