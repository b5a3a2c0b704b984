"""The mean must lie below the interval as often as above it.

Loses: intervals that cover pass the test, and plainly wrong ones do not.
Axis: structure.
"""

from itertools import product

import torch


def misses(interval, size, mean, spread):
    samples = mean + spread * torch.randn(4000, size, dtype=torch.float64)
    low, high = interval(samples)
    return (~(low <= mean)).double().mean(), (~(mean <= high)).double().mean()


def covers(interval):
    cases = product((50, 200, 450), (-3, 3), (0.2, 5))
    return all(0.01 < each < 0.04 for case in cases for each in misses(interval, *case))
