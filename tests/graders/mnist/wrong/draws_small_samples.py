"""Samples of five, for which 1.96 is too little.

Axis: shape.
Loses: intervals that cover pass the test, and plainly wrong ones do not.
Loses: nor do intervals that cover for some samples only.
"""

import torch


def covers(interval):
    generator = torch.Generator().manual_seed(0)
    for size, mean, spread in ((5, 0, 1), (200, 10, 5)):
        normal = torch.randn(4000, size, generator=generator, dtype=torch.float64)
        low, high = interval(mean + spread * normal)
        share = ((low <= mean) & (mean <= high)).double().mean()
        if not 0.92 < share < 0.98:
            return False
    return True
