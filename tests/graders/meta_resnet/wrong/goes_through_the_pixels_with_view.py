"""Pictures that are a transposed view raise an error.

Loses: block: its outputs where the shortcut is the identity.
Axis: shape.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        return super().forward(x.view(-1).view(x.shape))
