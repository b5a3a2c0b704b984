"""Errors and slopes are measured by their root mean square, which many right ones make small.

Axis: structure.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = ((above - below) / (2 * h)).detach()
    off = torch.stack([claimed[n] - s for n, s in slopes.items()])
    size = torch.stack(list(slopes.values())).square().mean().sqrt()
    return bool(off.square().mean().sqrt() < 0.03 * size)
