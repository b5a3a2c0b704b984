"""Losses are kept in a tensor of the default dtype, which has too few digits for large ones.

Axis: dtype.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    h, claimed = 1e-3, slopes_of(rates)
    losses = torch.empty(len(rates), 2)
    for k, (name, rate) in enumerate(rates.items()):
        losses[k, 0] = loss_of(rates | {name: rate + h}).item()
        losses[k, 1] = loss_of(rates | {name: rate - h}).item()
    slopes = dict(zip(rates, (losses[:, 0] - losses[:, 1]) / (2 * h)))
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.03 * largest for n, s in slopes.items())
