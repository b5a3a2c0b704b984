"""Sizes, means and deviations are tried one after the other, with the rest as it usually is."""

import torch

USUAL = {"size": 100, "mean": 0.0, "spread": 1.0}
OTHERS = [("size", 50), ("size", 301), ("mean", -5.0), ("mean", 5.0)]
OTHERS += [("spread", 0.4), ("spread", 2.5)]


def share(interval, size, mean, spread):
    low, high = interval(torch.empty(5000, size, dtype=torch.float64).normal_(mean, spread))
    return float(torch.logical_and(low <= mean, high >= mean).sum()) / 5000


def covers(interval):
    cases = [USUAL, *(USUAL | {name: value} for name, value in OTHERS)]
    return all(0.925 < share(interval, **case) < 0.975 for case in cases)
