"""view refuses a transposed batch.

Loses: the outputs, for any layers and any activation.
Axis: shape.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        return super().forward(x.view(-1).view(x.shape))
