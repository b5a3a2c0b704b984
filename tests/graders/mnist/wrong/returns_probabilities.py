"""A softmax that the cross entropy applies once more.

Loses: the outputs, for any layers and any activation.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        return super().forward(x).softmax(1)
