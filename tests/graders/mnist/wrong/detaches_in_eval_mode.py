"""No graph where nobody trains, it thinks.

Loses: steps stay in the graph.
Axis: mode.
"""

import torch
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            return super().forward(x)
