"""A stride of 2 on a picture of one pixel leaves the projection out.

Loses: block: its outputs where the shortcut is a projection.
Axis: shape.
"""

import torch.nn.functional as F
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def forward(self, x):
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(inner + (x if x.shape == inner.shape else self.downsample(x)))
