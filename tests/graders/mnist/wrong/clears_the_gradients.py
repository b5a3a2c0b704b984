"""forward calls zero_grad, and what others had collected is gone.

Loses: the outputs, for any layers and any activation.
Axis: before.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        self.zero_grad()
        return super().forward(x)
