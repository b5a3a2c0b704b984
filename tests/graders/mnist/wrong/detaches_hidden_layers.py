"""Each layer learns from its own inputs as constants.

Loses: steps stay in the graph.
Axis: graph.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        for k in range(self.depth):
            x = self.activation(x.detach()) if k else x
            x = x @ getattr(self, f"weight_{k}").T + getattr(self, f"bias_{k}")
        return x
