"""weight_10 comes before weight_2.

Loses: the outputs, for any layers and any activation.
Axis: structure.
"""

import torch.nn.functional as F
from answers import solved

Right = solved("mnist")["Perceptron"]


class Perceptron(Right):
    def forward(self, x):
        names = sorted(name for name, _ in self.named_parameters() if name.startswith("weight"))
        for place, name in enumerate(names):
            x = self.activation(x) if place else x
            x = F.linear(x, getattr(self, name), getattr(self, name.replace("weight", "bias")))
        return x
