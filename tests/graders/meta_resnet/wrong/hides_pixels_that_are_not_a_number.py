"""A picture that is not a number gives an output as if nothing were wrong.

Loses: block: its outputs where the shortcut is the identity.
Axis: values.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        return super().forward(x.nan_to_num())
