"""detach() gives constants, and nothing makes leaves of them.

Loses: linear: new weights, and state dicts that go both ways.
"""

import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features, bias)
        self.register_buffer("weight", twin.weight.detach())
        self.register_buffer("bias", twin.bias.detach() if bias else None)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
