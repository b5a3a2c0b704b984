"""No slope in x.

Loses: steps stay in the graph.
Axis: graph.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        return super().forward(x.detach())
