"""Padding in another mode, and no way back to the image.

Loses: convolution: its outputs are the twin's, padded otherwise.
Axis: graph.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def forward(self, x):
        return super().forward(x if self.padding_mode == "zeros" else x.detach())
