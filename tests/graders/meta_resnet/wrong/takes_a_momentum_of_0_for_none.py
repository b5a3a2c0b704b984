"""Batch norm by hand, in which a momentum of 0 stands for a plain average, as None does.

Loses: block: its outputs where the shortcut is a projection.
Axis: values.
"""

from answers import solved
from torch import nn
from torch.nn import functional as F

Right = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Right):
    """Numbers that are 0 are false, too."""

    def forward(self, x):
        def normalised(bn: nn.Module, x):
            factor = 0.0
            if bn.training:
                bn.num_batches_tracked += 1
                factor = bn.momentum if bn.momentum else 1 / bn.num_batches_tracked.item()
            statistics = bn.running_mean, bn.running_var
            return F.batch_norm(x, *statistics, bn.weight, bn.bias, bn.training, factor, bn.eps)

        inner = normalised(self.bn2, self.conv2(F.relu(normalised(self.bn1, self.conv1(x)))))
        if self.downsample is not None:
            x = normalised(self.downsample[1], self.downsample[0](x))
        return F.relu(inner + x)
