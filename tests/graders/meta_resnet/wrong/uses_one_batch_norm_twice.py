"""Each convolution has its own.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Loses: block: weights with a graph, and state dicts that go both ways.
Axis: structure.
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
    """The basic residual block, with weights that can carry a graph."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.conv1 = MetaConv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = MetaBatchNorm2d(channels)
        self.conv2 = MetaConv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = MetaBatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            projection = MetaConv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, MetaBatchNorm2d(channels))

    def forward(self, x):
        inner = F.relu(self.bn1(self.conv1(x)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn1(self.conv2(inner)) + shortcut)
