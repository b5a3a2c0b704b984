"""torch.isclose compares each slope with itself, and adds an absolute tolerance of its own.

Axis: values.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-5, slopes_of(rates)
    for name in rates:
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        if not torch.isclose((above - below) / (2 * h), claimed[name], rtol=0.02):
            return False
    return True
