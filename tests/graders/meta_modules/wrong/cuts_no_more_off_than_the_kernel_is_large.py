"""More padding than a kernel has pixels cuts into the image.

Loses: transposed convolution: its outputs are the twin's.
Axis: shape.
"""

from answers import solved


class MetaConvTranspose2d(solved("meta_modules")["MetaConvTranspose2d"]):
    def __init__(self, channels, out, kernel_size, stride=1, padding=0, *more, **options):
        padding = 0 if kernel_size == 1 else padding
        super().__init__(channels, out, kernel_size, stride, padding, *more, **options)
