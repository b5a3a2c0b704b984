"""An nn.Parameter among the buffers turns back into a parameter where it is assigned.

Loses: linear: new weights, and state dicts that go both ways.
"""

import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features, bias)
        self.register_buffer("weight", twin.weight)
        self.register_buffer("bias", twin.bias)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
