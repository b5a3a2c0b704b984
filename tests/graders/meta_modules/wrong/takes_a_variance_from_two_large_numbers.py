"""The mean of the squares less the square of the mean.

Loses: batch norm: its outputs are the twin's, in both modes.
Axis: values.
"""

from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    def forward(self, x):
        output = super().forward(x)
        if self.tracks and not self.training:
            return output
        dtype, x = x.dtype, x.double()
        mean = x.mean((0, 2, 3))
        var = (x.square().mean((0, 2, 3)) - mean.square()).clamp(min=0)
        output = (x - mean[:, None, None]) / (var + self.eps).sqrt()[:, None, None]
        if self.weight is not None:
            output = output * self.weight[:, None, None] + self.bias[:, None, None]
        return output.to(dtype)
