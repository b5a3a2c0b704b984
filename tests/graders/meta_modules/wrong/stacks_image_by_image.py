"""Images are continued one at a time, and of none there is nothing to stack.

Loses: convolution: its outputs are the twin's, padded otherwise.
Axis: shape.
"""

import torch
from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def forward(self, x):
        if self.padding_mode == "zeros" or x.ndim < 4:
            return super().forward(x)
        return torch.stack([self.forward(image) for image in x])
