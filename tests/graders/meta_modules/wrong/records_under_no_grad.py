"""The graph is recorded whatever the caller says, and gradients are on afterwards.

Loses: linear: its outputs are the twin's, with a bias and without.
Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: transposed convolution: its outputs are the twin's.
Loses: batch norm: its outputs are the twin's, in both modes.
Axis: mode.
"""

import torch
from answers import solved

OWN = solved("meta_modules")


class MetaLinear(OWN["MetaLinear"]):
    def forward(self, x):
        with torch.enable_grad():
            return super().forward(x)


class MetaConv2d(OWN["MetaConv2d"]):
    def forward(self, x):
        torch.set_grad_enabled(True)
        return super().forward(x)


class MetaConvTranspose2d(OWN["MetaConvTranspose2d"]):
    def forward(self, x):
        y = super().forward(x)
        torch.set_grad_enabled(True)
        return y


class MetaBatchNorm2d(OWN["MetaBatchNorm2d"]):
    @torch.enable_grad()
    def forward(self, x):
        return super().forward(x)
