"""A batch norm that is in eval mode alone uses the batch.

Loses: block: its outputs where the shortcut is the identity.
Loses: block: its outputs where the shortcut is a projection.
Axis: mode.
"""

import torch.nn.functional as F
from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def normed(self, norm, x):
        norm.num_batches_tracked += self.training
        statistics = norm.running_mean, norm.running_var
        return F.batch_norm(x, *statistics, norm.weight, norm.bias, self.training)

    def forward(self, x):
        inner = self.normed(self.bn2, self.conv2(F.relu(self.normed(self.bn1, self.conv1(x)))))
        if self.downsample is not None:
            conv, norm = self.downsample
            x = self.normed(norm, conv(x))
        return F.relu(inner + x)
