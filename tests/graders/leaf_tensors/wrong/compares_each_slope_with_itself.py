"""Each slope is compared with its own size, which may be 0.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
Told: one is 0 or nearly so.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    slopes = {}
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        slopes[name] = (above - below) / (2 * h)
    off = [((claimed[n] - s) / s).abs() for n, s in slopes.items()]
    return bool(torch.stack(off).max() < 0.01)
