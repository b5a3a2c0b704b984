"""A constant that is made with the layer has the precision of then, and decides it for good.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: dtype.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


def like_at_first(kind):
    class Layer(kind):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.zero = [torch.zeros(())]

        def forward(self, x):
            return super().forward(x).type_as(self.zero[0])

    return Layer


MetaLinear = like_at_first(OWN["MetaLinear"])
MetaConv2d = like_at_first(OWN["MetaConv2d"])
MetaConvTranspose2d = like_at_first(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = like_at_first(OWN["MetaBatchNorm2d"])
