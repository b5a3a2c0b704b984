"""n / (n - 1) of the first batch, for batches of all sizes.

Loses: batch norm: its running statistics are the twin's.
Axis: again.
"""

from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    share = None

    def forward(self, x):
        n = x.numel() / x.shape[1]
        if self.training:
            self.share = self.share or n / (n - 1)
        var = self.running_var
        before = None if var is None else var.clone()
        output = super().forward(x)
        if self.training and before is not None:
            m = self.momentum
            m = 1 / self.num_batches_tracked.item() if m is None else m
            moved = self.running_var - (1 - m) * before
            self.running_var = (1 - m) * before + moved * (n - 1) / n * self.share
        return output
