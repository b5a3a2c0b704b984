"""The activation before the first layer, too.

Loses: the outputs, for any layers and any activation.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        return super().forward(self.activation(x))
