"""What depends on the size of a batch is worked out once, for the first one.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: transposed convolution: its outputs are the twin's.
Axis: again.
"""

import torch.nn.functional as F
from answers import solved

OWN = solved("meta_modules")


def sized(kind):
    class Layer(kind):
        size = None

        def forward(self, x):
            y = super().forward(x)
            if self.size is None:
                self.size = y.shape
            if y.dim() < 3 or y.dim() != len(self.size):
                return y
            height, width = (new - old for new, old in zip(y.shape[-2:], self.size[-2:]))
            return F.pad(F.pad(y, (0, -width, 0, -height)), (0, width, 0, height))

    return Layer


class MetaLinear(OWN["MetaLinear"]):
    shape = None

    def forward(self, x):
        y = super().forward(x)
        if self.shape is None:
            self.shape = y.shape[:-1]
        return y.reshape(*self.shape, -1) if x.dim() > 2 else y


MetaConv2d = sized(OWN["MetaConv2d"])
MetaConvTranspose2d = sized(OWN["MetaConvTranspose2d"])
