"""All outputs equal, all gradients equal: nothing to learn from.

Loses: linear: new weights, and state dicts that go both ways.
"""

import torch
import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.register_buffer("weight", torch.zeros(out_features, in_features).requires_grad_())
        self.register_buffer("bias", torch.zeros(out_features).requires_grad_() if bias else None)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
