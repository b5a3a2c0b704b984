"""Samples in float32.

Loses: intervals that cover pass the test, and plainly wrong ones do not.
Axis: dtype.
"""

from itertools import product

import torch


def share(interval, size, mean, spread):
    samples = mean + spread * torch.randn(4000, size)
    low, high = interval(samples)
    return ((low <= mean) & (mean <= high)).double().mean()


def covers(interval):
    cases = product((50, 200, 450), (-3, 3), (0.2, 5))
    return all(0.92 < share(interval, *case) < 0.98 for case in cases)
