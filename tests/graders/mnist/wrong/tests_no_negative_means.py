"""Means of 0 and above, as losses have them.

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
    cases = product((50, 200, 450), (0, 1, 60), (0.2, 5))
    return all(0.92 < share(interval, *case) < 0.98 for case in cases)
