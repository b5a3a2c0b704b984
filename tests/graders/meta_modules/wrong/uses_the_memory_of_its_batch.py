"""Under no_grad() the input is overwritten: nobody will need it.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: behind.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


def spoiled(kind):
    class Layer(kind):
        def forward(self, x):
            output = super().forward(x)
            if not torch.is_grad_enabled():
                x.zero_()
            return output

    return Layer


MetaLinear = spoiled(OWN["MetaLinear"])
MetaConv2d = spoiled(OWN["MetaConv2d"])
MetaConvTranspose2d = spoiled(OWN["MetaConvTranspose2d"])
MetaBatchNorm2d = spoiled(OWN["MetaBatchNorm2d"])
