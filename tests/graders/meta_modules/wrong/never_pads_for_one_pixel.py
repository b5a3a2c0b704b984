"""A kernel of one pixel needs no padding, it seems.

Loses: convolution: its outputs are the twin's, padded with zeros.
Loses: convolution: its outputs are the twin's, padded otherwise.
Axis: shape.
"""

from answers import solved


class MetaConv2d(solved("meta_modules")["MetaConv2d"]):
    def __init__(self, channels, out, kernel_size, stride=1, padding=0, *more, **options):
        padding = 0 if kernel_size == 1 else padding
        super().__init__(channels, out, kernel_size, stride, padding, *more, **options)
