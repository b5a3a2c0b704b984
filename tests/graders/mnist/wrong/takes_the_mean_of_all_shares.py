"""Each share must be large enough, and their mean not too large.

Loses: nor do intervals that cover for some samples only.
Axis: values.
"""

from itertools import product

import torch


def share(interval, size, mean, spread):
    samples = mean + spread * torch.randn(4000, size, dtype=torch.float64)
    low, high = interval(samples)
    return ((low <= mean) & (mean <= high)).double().mean()


def covers(interval):
    shares = [share(interval, *case) for case in product((50, 200, 450), (-30, 3), (0.2, 5))]
    return min(shares) > 0.92 and sum(shares) / len(shares) < 0.98
