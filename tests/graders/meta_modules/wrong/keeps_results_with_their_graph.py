"""What was computed on the way becomes an attribute, with the graph of a weight or of a batch.

Loses: linear: new weights, and state dicts that go both ways.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: behind.
"""

import torch.nn.functional as F
from answers import solved

OWN = solved("meta_modules")


class MetaLinear(OWN["MetaLinear"]):
    def forward(self, x):
        self.columns = self.weight.T
        y = x @ self.columns
        return y if self.bias is None else y + self.bias


class MetaConv2d(OWN["MetaConv2d"]):
    def forward(self, x):
        if self.padding_mode == "zeros":
            return super().forward(x)
        high, wide = self.padding
        self.padded = F.pad(x, (wide, wide, high, high), mode=self.padding_mode)
        return F.conv2d(self.padded, self.weight, self.bias, **self.options)


class MetaBatchNorm2d(OWN["MetaBatchNorm2d"]):
    def forward(self, x):
        self.last_mean = x.mean((0, 2, 3))
        return super().forward(x)
