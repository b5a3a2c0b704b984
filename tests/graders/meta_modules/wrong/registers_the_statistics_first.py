"""The keys of the state dict come in another order than the twin's.

Loses: batch norm: graph, new weights and state dicts.
"""

import torch
from torch import nn


class MetaBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps, self.momentum, self.tracks = eps, momentum, track_running_stats
        twin = nn.BatchNorm2d(num_features, eps, momentum, affine, track_running_stats)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(twin, name))
        for name, weight in (("weight", twin.weight), ("bias", twin.bias)):
            self.register_buffer(name, weight.detach().requires_grad_() if affine else None)

    def forward(self, x):
        batch = self.training or not self.tracks
        if batch:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
        else:
            mean, var = self.running_mean, self.running_var
        if self.training and self.tracks:
            with torch.no_grad():
                self.num_batches_tracked += 1
                n = x.numel() / x.shape[1]
                m = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)
        x = (x - mean[:, None, None]) / (var + self.eps).sqrt()[:, None, None]
        if self.weight is None:
            return x
        return x * self.weight[:, None, None] + self.bias[:, None, None]
