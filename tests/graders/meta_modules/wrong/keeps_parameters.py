"""The weights are parameters, as in the twin.

Loses: linear: it computes with a tensor that has a graph.
Loses: linear: new weights, and state dicts that go both ways.
"""

import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features, bias)
        self.weight, self.bias = twin.weight, twin.bias

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
