"""Upper ends are not looked at.

Loses: intervals that cover pass the test, and plainly wrong ones do not.
"""

import torch


def covers(interval):
    generator = torch.Generator().manual_seed(0)
    for size, mean, spread in ((50, -3, 0.2), (200, 0, 1), (450, 10, 5)):
        normal = torch.randn(4000, size, generator=generator, dtype=torch.float64)
        low, _ = interval(mean + spread * normal)
        share = (low <= mean).double().mean()
        if not 0.95 < share < 0.995:
            return False
    return True
