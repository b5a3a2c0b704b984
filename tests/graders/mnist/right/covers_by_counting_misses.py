"""Misses on either side are counted, with torch's own generator."""

import torch


def misses(interval, size, mean, spread, people=5000):
    samples = torch.normal(mean, spread, (people, size), dtype=torch.float64)
    low, high = interval(samples)
    return int((low > mean).sum() + (high < mean).sum()) / people


def covers(interval):
    cases = [(n, m, s) for n in (50, 300) for m in (0.0, -7.0) for s in (0.25, 6.0)]
    return all(0.024 < misses(interval, *case) < 0.078 for case in cases)
