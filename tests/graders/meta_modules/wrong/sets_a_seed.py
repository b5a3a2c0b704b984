"""Every new layer draws the same numbers.

Loses: linear: new weights, and state dicts that go both ways.
Axis: random.
"""

import torch
import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        torch.manual_seed(0)
        twin = nn.Linear(in_features, out_features, bias)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
