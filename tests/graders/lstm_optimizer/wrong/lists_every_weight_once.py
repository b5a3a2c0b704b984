"""A dict has one place for a weight that stands twice in the list.

Loses: what comes back is constant; what was given stays.
Axis: ties.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        found = torch.autograd.grad(total, weights, materialize_grads=True)
        gradients.append(list(dict(zip(weights, found)).values()))
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
