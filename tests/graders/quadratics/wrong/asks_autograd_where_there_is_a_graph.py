"""A graph may lack the state, or a part of the gradient.

Loses: both slopes at gradient zero.
Axis: graph.
"""

import torch


def read_off(rule):
    sizes = torch.logspace(-3, 3, 13)
    held = torch.cat([-sizes, sizes]).requires_grad_()
    state, updates = None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    slopes = []
    for update in (updates[0], updates[19]):
        if update.requires_grad:
            (slope,) = torch.autograd.grad(update.sum(), held, retain_graph=True)
            slopes.append(float(slope[[0, 13]].mean()))
        else:
            slopes.append(float((update[13] - update[0]) / (held[13] - held[0]).detach()))
    largest = float(torch.stack(updates).detach().abs().max())
    return {"slope": slopes[0], "slope_after_20": slopes[1], "largest": largest}
