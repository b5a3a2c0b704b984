"""Samples of one size.

Axis: shape.
Loses: nor do intervals that cover for some samples only.
"""

import torch


def covers(interval):
    generator = torch.Generator().manual_seed(0)
    for size, mean, spread in ((50, 0, 1), (50, 10, 5)):
        normal = torch.randn(4000, size, generator=generator, dtype=torch.float64)
        low, high = interval(mean + spread * normal)
        share = ((low <= mean) & (mean <= high)).double().mean()
        if not 0.92 < share < 0.98:
            return False
    return True
