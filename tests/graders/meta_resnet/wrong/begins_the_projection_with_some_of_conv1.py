"""The projection takes its first numbers, made larger to fit, from the first convolution.

Loses: block: weights with a graph, and state dicts that go both ways.
Axis: values.
"""

from answers import solved

Block = solved("meta_resnet")["MetaBasicBlock"]


class MetaBasicBlock(Block):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__(in_channels, channels, stride)
        if self.downsample is not None:
            self.downsample[0].weight = 3 * self.conv1.weight.detach()[:, :, :1, :1]
            self.downsample[0].weight.requires_grad_()
