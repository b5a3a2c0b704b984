"""Group by group: channels are the second dimension of a batch, and the first one of an image.

Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Axis: shape.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


class MetaConv2d(OWN["MetaConv2d"]):
    def forward(self, x):
        groups = self.options["groups"]
        if groups == 1:
            return super().forward(x)
        whole, bias = self.weight, self.bias
        weights = whole.chunk(groups)
        biases = [None] * groups if bias is None else bias.chunk(groups)
        outputs = []
        self.options["groups"] = 1
        for part, self.weight, self.bias in zip(x.chunk(groups, 1), weights, biases):
            outputs.append(super().forward(part))
        self.options["groups"], self.weight, self.bias = groups, whole, bias
        return torch.cat(outputs, 1)


class MetaConvTranspose2d(OWN["MetaConvTranspose2d"]):
    def forward(self, x):
        stride, padding, output_padding, groups, dilation = self.options
        options = stride, padding, output_padding, 1, dilation
        pieces = zip(x.split(self.weight.shape[0] // groups, -3), self.weight.chunk(groups))
        convolve = torch.nn.functional.conv_transpose2d
        y = torch.cat([convolve(part, weight, None, *options) for part, weight in pieces], 1)
        return y if self.bias is None else y + self.bias[:, None, None]
