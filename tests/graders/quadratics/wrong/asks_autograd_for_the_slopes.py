"""learned works under no_grad, and has no derivative.

Loses: both slopes at gradient zero.
Axis: graph.
"""

import torch


def read_off(rule):
    zero, state, slopes = torch.zeros(1, requires_grad=True), None, []
    for _ in range(20):
        update, state = rule(zero, state)
        slopes += torch.autograd.grad(update.sum(), zero, retain_graph=True)
    sizes = torch.logspace(-3, 3, 13)
    held, state, largest = torch.cat([-sizes, sizes]), None, 0.0
    for _ in range(100):
        update, state = rule(held, state)
        largest = max(largest, float(update.detach().abs().max()))
    return {"slope": float(slopes[0]), "slope_after_20": float(slopes[19]), "largest": largest}
