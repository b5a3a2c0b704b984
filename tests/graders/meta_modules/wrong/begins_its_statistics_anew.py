"""What was loaded is gone with the first batch.

Loses: batch norm: its running statistics are the twin's.
Axis: before.
"""

from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    fresh = True

    def forward(self, x):
        if self.fresh and self.training and self.tracks:
            self.fresh = False
            self.running_mean, self.running_var = 0 * self.running_mean, 0 * self.running_var + 1
        return super().forward(x)
