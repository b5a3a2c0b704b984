"""The statistics are good enough by then.

Loses: batch norm: its running statistics are the twin's.
Axis: time.
"""

from answers import solved


class MetaBatchNorm2d(solved("meta_modules")["MetaBatchNorm2d"]):
    def forward(self, x):
        late = self.tracks and self.training and self.num_batches_tracked >= 20
        held = self.running_mean, self.running_var
        if late:
            self.running_mean, self.running_var = (t.clone() for t in held)
        output = super().forward(x)
        if late:
            self.running_mean, self.running_var = held
        return output
