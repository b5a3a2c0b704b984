"""Batch norm by hand, with the momentum and the eps that the layers had when the block was made.

Loses: block: its outputs where the shortcut is a projection.
Axis: again.
"""

import torch.nn.functional as F
from torch import nn


class Meta:
    """Mixed into a layer of torch.nn: its weights are buffers."""

    def register_parameter(self, name, parameter):
        leaf = None if parameter is None else parameter.detach().requires_grad_()
        self.register_buffer(name, leaf)


class MetaConv2d(Meta, nn.Conv2d):
    """nn.Conv2d with weights that can carry a graph."""


class MetaBatchNorm2d(Meta, nn.BatchNorm2d):
    """nn.BatchNorm2d with weights that can carry a graph."""


class MetaBasicBlock(nn.Module):
    """A batch norm may get another momentum later."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.conv1 = MetaConv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = MetaBatchNorm2d(channels)
        self.conv2 = MetaConv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = MetaBatchNorm2d(channels)
        self.momentum, self.eps = self.bn1.momentum, self.bn1.eps
        self.downsample = None
        if stride != 1 or in_channels != channels:
            projection = MetaConv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, MetaBatchNorm2d(channels))

    def normalised(self, bn, x):
        if bn.training:
            bn.num_batches_tracked += 1
        statistics, how = (bn.running_mean, bn.running_var), (self.momentum, self.eps)
        return F.batch_norm(x, *statistics, bn.weight, bn.bias, bn.training, *how)

    def forward(self, x):
        inner = self.normalised(self.bn2, self.conv2(self.relu_of(x)))
        if self.downsample is not None:
            x = self.normalised(self.downsample[1], self.downsample[0](x))
        return F.relu(inner + x)

    def relu_of(self, x):
        return F.relu(self.normalised(self.bn1, self.conv1(x)))
