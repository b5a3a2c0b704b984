"""The slopes are taken in the order in which they come.

Axis: shape.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    off = torch.stack(list(claimed.values())) - torch.stack(list(slopes.values()))
    return bool(off.abs().max() < 0.01 * max(map(abs, slopes.values())))
