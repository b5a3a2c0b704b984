"""Every weight is made trainable before it is used.

Loses: steps stay in the graph.
Axis: ties.
"""

from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        for weight in self.parameters():
            if weight.is_leaf:
                weight.requires_grad_()
        return super().forward(x)
