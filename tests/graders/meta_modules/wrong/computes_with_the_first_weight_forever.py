"""forward remembers a tensor instead of looking the name up.

Loses: linear: it computes with a tensor that has a graph.
Axis: again.
"""

import torch.nn.functional as F
from torch import nn


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features, bias)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.given = [self.weight, self.bias]

    def forward(self, x):
        return F.linear(x, *self.given)
