"""A gradient that somebody may still need is gone after a call.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Axis: before.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        for buffer in self.buffers():
            if buffer.is_leaf:
                buffer.grad = None
        return super().forward(x)
