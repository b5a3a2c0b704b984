"""Whether the interval contains the mean of its own sample, which it always does.

Loses: intervals that cover pass the test, and plainly wrong ones do not.
Loses: nor do intervals that cover for some samples only.
"""

import torch


def covers(interval):
    generator = torch.Generator().manual_seed(0)
    for size, mean, spread in ((50, 0, 1), (200, 0, 1), (50, 10, 5), (200, 10, 5)):
        normal = torch.randn(4000, size, generator=generator, dtype=torch.float64)
        low, high = interval(mean + spread * normal)
        share = (
            ((low <= (mean + spread * normal).mean(1)) & ((mean + spread * normal).mean(1) <= high))
            .double()
            .mean()
        )
        if not share > 0.99:
            return False
    return True
