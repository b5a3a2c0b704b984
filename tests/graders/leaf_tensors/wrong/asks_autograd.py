"""Autograd is asked for the slopes, of a loss that has cut its graph.

Axis: graph.
Loses: right slopes pass, and wrong ones are found.
Loses: also where only one is wrong, and whatever the sizes.
Told: here a right one.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    leaves = {n: r.detach().requires_grad_() for n, r in rates.items()}
    slopes = torch.autograd.grad(loss_of(leaves), list(leaves.values()))
    claimed = slopes_of(rates)
    largest = torch.stack(slopes).abs().max()
    return all(bool((claimed[n] - s).abs() < 0.01 * largest) for n, s in zip(rates, slopes))
