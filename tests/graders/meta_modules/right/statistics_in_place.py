"""Batch norm in plain tensor operations; the running statistics move in place."""

import torch
from torch import nn


class MetaBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps, self.momentum, self.tracks = eps, momentum, track_running_stats
        ones, zeros = torch.ones(num_features), torch.zeros(num_features)
        self.register_buffer("weight", ones.clone().requires_grad_() if affine else None)
        self.register_buffer("bias", zeros.clone().requires_grad_() if affine else None)
        self.register_buffer("running_mean", zeros.clone() if self.tracks else None)
        self.register_buffer("running_var", ones.clone() if self.tracks else None)
        counts = torch.tensor(0) if self.tracks else None
        self.register_buffer("num_batches_tracked", counts)

    def forward(self, x):
        if self.training or not self.tracks:
            mean = x.mean(dim=(0, 2, 3))
            var = x.var(dim=(0, 2, 3), unbiased=False)
            if self.tracks:
                self.num_batches_tracked.add_(1)
                share = self.momentum
                if share is None:
                    share = 1.0 / float(self.num_batches_tracked)
                with torch.no_grad():
                    self.running_mean.mul_(1 - share).add_(share * mean)
                    self.running_var.mul_(1 - share).add_(
                        share * x.var(dim=(0, 2, 3), unbiased=True)
                    )
        else:
            mean, var = self.running_mean, self.running_var
        y = (x - mean[:, None, None]) / (var[:, None, None] + self.eps).sqrt()
        if self.weight is None:
            return y
        return y * self.weight[:, None, None] + self.bias[:, None, None]
