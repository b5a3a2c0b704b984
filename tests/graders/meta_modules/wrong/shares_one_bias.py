"""All layers of a size have one bias, which was made once.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: linear: new weights, and state dicts that go both ways.
Axis: random.
"""

import torch.nn.functional as F
from torch import nn

BIASES = {}


class MetaLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        twin = nn.Linear(in_features, out_features)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        shared = BIASES.setdefault(out_features, twin.bias.detach().requires_grad_())
        self.register_buffer("bias", shared if bias else None)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)
