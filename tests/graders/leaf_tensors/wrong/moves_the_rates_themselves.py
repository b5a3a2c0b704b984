"""The rates that are given are moved in place, and moved back as far as rounding allows.

Axis: behind.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed, slopes = 1e-5, slopes_of(rates), {}
    with torch.no_grad():
        for name, rate in rates.items():
            rate += h
            above = loss_of(rates)
            rate -= 2 * h
            below = loss_of(rates)
            rate += h
            slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items())
