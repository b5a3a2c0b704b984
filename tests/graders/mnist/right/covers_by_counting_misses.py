"""What is not between the ends is a miss, with torch's own generator."""

from itertools import product

import torch


def misses(interval, size, mean, spread, people=4000):
    samples = torch.normal(mean, spread, (people, size), dtype=torch.float64)
    low, high = interval(samples)
    return int((~(low <= mean) | ~(high >= mean)).sum()) / people


def covers(interval):
    cases = product((50, 150, 400), (0.0, -7.0), (0.25, 6.0))
    return all(0.024 < misses(interval, *case) < 0.082 for case in cases)
