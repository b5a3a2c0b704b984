"""Autograd is asked where the loss has a graph, which may be cut in part.

Axis: graph.
Loses: also where only one is wrong, and whatever the sizes.
"""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    leaves = {n: r.detach().requires_grad_() for n, r in rates.items()}
    loss, claimed = loss_of(leaves), slopes_of(rates)
    if loss.requires_grad:
        slopes = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values()))))
    else:
        h, slopes = 1e-5, {}
        for name, rate in rates.items():
            above, below = (loss_of(rates | {name: rate + step}) for step in (h, -h))
            slopes[name] = (above - below) / (2 * h)
    largest = max(abs(slope.item()) for slope in slopes.values())
    return all(abs((claimed[n] - s).item()) < 0.01 * largest for n, s in slopes.items())
