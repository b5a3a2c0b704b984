"""A network in float32 goes on in float64.

Loses: block: its outputs where the shortcut is the identity.
Axis: dtype.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        return super().forward(x).double()
