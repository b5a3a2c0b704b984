"""The second convolution of a new block begins with numbers of another size.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: random.
"""

from answers import solved
from torch import nn

Right = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Right):
    """Its layers had drawn numbers already."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__(in_channels, channels, stride)
        nn.init.kaiming_uniform_(self.conv2.weight, nonlinearity="relu")
