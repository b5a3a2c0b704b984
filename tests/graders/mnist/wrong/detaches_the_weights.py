"""Weights are taken without their graph.

Loses: steps stay in the graph.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        for k in range(self.depth):
            x = self.activation(x) if k else x
            weight = getattr(self, f"weight_{k}").detach()
            x = x @ weight.T + getattr(self, f"bias_{k}")
        return x
