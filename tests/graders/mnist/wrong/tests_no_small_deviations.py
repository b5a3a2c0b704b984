"""Deviations of 1 and more.

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
    cases = product((50, 200, 450), (-30, 3), (1, 5))
    return all(0.92 < share(interval, *case) < 0.98 for case in cases)
