"""Where there is no image there is nothing to do, not even to the shape.

Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Loses: transposed convolution: its outputs are the twin's.
Axis: shape.
"""

from answers import solved

OWN = solved("meta_modules")


def lazy(kind):
    class Layer(kind):
        def forward(self, x):
            return super().forward(x) if x.numel() else x

    return Layer


MetaConv2d = lazy(OWN["MetaConv2d"])
MetaConvTranspose2d = lazy(OWN["MetaConvTranspose2d"])
