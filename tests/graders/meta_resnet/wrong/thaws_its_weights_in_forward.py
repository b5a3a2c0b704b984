"""A frozen weight of the block trains after the first call.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Axis: ties.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            conv.weight.requires_grad_()
        return super().forward(x)
