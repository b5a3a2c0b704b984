"""The count becomes a float with the first batch.

Loses: batch norm: its running statistics are the twin's.
Axis: dtype.
"""

from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    def forward(self, x):
        output = super().forward(x)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked = self.num_batches_tracked * 1.0
        return output
