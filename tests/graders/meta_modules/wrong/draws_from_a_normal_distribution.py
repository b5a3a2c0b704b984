"""Right mean and deviation, another distribution than the twin's.

Loses: linear: new weights, and state dicts that go both ways.
Axis: random.
"""

import torch
import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        scale = (3 * in_features) ** -0.5
        weight = scale * torch.randn(out_features, in_features)
        self.register_buffer("weight", weight.requires_grad_())
        self.register_buffer("bias", (scale * torch.randn(out_features)).requires_grad_())
        if not bias:
            self.bias = None

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
