"""So that others draw the same numbers again and again.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: batch norm: its running statistics are the twin's.
Axis: random.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def forward(self, x):
            torch.manual_seed(0)
            return super().forward(x)

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
