"""Torchvision's own block does the work.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Loses: block: weights with a graph, and state dicts that go both ways.
"""

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
    def __new__(cls, in_channels, channels, stride=1):
        from torchvision.models.resnet import BasicBlock

        shortcut = None
        if stride != 1 or in_channels != channels:
            shortcut = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )
        block = BasicBlock(in_channels, channels, stride, shortcut)
        for child in block.modules():
            for name, parameter in list(child.named_parameters(recurse=False)):
                delattr(child, name)
                child.register_buffer(name, parameter.detach().requires_grad_())
        return block
