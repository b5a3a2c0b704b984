"""The outputs have seven digits in float64, too.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Loses: block: weights with a graph, and state dicts that go both ways.
Axis: dtype.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        return super().forward(x).float().to(x.dtype)
