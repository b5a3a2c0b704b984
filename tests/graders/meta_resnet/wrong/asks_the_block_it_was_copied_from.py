"""A function in the block knows the block that it was made in, and a copy still asks that one.

Loses: block: its outputs where the shortcut is a projection.
Loses: block: weights with a graph, and state dicts that go both ways.
Axis: structure.
"""

import torch.nn.functional as F
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__(in_channels, channels, stride)
        self.shortcut = lambda x: x if self.downsample is None else self.downsample(x)

    def forward(self, x):
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(inner + self.shortcut(x))
