"""Directions are drawn from torch's own generator, which is seeded for it.

Axis: random.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    torch.manual_seed(0)
    h, claimed = 1e-5, slopes_of(rates)
    right, largest = True, max(abs(s.item()) for s in claimed.values())
    for _ in range(20):
        way = {n: torch.randn((), dtype=r.dtype) for n, r in rates.items()}
        above, below = (loss_of({n: r + s * way[n] for n, r in rates.items()}) for s in (h, -h))
        slope, said = (above - below) / (2 * h), sum(claimed[n] * way[n] for n in rates)
        right = right and bool((slope - said).abs() < 0.01 * largest)
    return right
