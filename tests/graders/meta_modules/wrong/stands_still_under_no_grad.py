"""The mode says whether statistics move, and nothing else.

Loses: batch norm: its running statistics are the twin's.
Axis: mode.
"""

import torch
import torch.nn.functional as F
from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    def forward(self, x):
        if torch.is_grad_enabled() or not self.training or not self.tracks:
            return super().forward(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)
