"""A batch norm that was put in eval mode alone trains afterwards.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Axis: behind.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        self.train(self.training)
        return super().forward(x)
