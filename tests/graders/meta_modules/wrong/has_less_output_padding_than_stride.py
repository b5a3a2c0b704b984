"""The twin has it up to the dilation as well.

Loses: transposed convolution: its outputs are the twin's.
Axis: shape.
"""

import torch.nn.functional as F
from answers import solved


def pair(value):
    return (value, value) if isinstance(value, int) else value


class MetaConvTranspose2d(solved("meta_modules")["MetaConvTranspose2d"]):
    def forward(self, x):
        stride, padding, extra, *rest = self.options
        extra = tuple(min(e, s - 1) for e, s in zip(pair(extra), pair(stride)))
        options = stride, padding, extra, *rest
        return F.conv_transpose2d(x, self.weight, self.bias, *options)
