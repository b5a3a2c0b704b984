"""Means that lie two deviations from 0, on either side.

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
    for size, sign, spread in product((50, 200, 450), (-1, 1), (0.2, 5)):
        if not 0.92 < share(interval, size, sign * 2 * spread, spread) < 0.98:
            return False
    return True
