"""The weight of a convolution without groups.

Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: convolution: graph, new weights and state dicts.
"""

import torch.nn.functional as F
from torch import nn


class MetaConv2d(nn.Module):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
    ):
        super().__init__()
        twin = nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.stride, self.padding, self.dilation = stride, twin.padding, dilation
        self.groups, self.padding_mode = groups, padding_mode

    def forward(self, x):
        padding = self.padding
        if self.padding_mode != "zeros":
            high, wide = padding
            x = F.pad(x, (wide, wide, high, high), mode=self.padding_mode)
            padding = 0
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, 1)
