"""squeeze() takes away more than the batch dimension that was added.

Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: transposed convolution: its outputs are the twin's.
Axis: shape.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def forward(self, x):
        return super().forward(x[None]).squeeze() if x.ndim == 3 else super().forward(x)


class MetaConvTranspose2d(solved("meta_modules")["MetaConvTranspose2d"]):
    def forward(self, x):
        return super().forward(x[None]).squeeze() if x.ndim == 3 else super().forward(x)
