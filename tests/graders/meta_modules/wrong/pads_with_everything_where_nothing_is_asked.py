"""x[..., -0:] is all of x.

Loses: convolution: its outputs are the twin's, padded otherwise.
Axis: shape.
"""

import torch
import torch.nn.functional as F
from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def forward(self, x):
        if self.padding_mode != "circular":
            return super().forward(x)
        high, wide = self.padding
        x = torch.cat([x[..., -wide:], x, x[..., :wide]], -1)
        x = torch.cat([x[..., -high:, :], x, x[..., :high, :]], -2)
        return F.conv2d(x, self.weight, self.bias, **self.options)
