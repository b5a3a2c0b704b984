"""All windows first, their gradients afterwards: memory grows with the run.

Loses: what comes back is constant; what was given stays.
Axis: resources.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(total)
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    gradients = [torch.autograd.grad(g, weights, materialize_grads=True) for g in gradients]
    return gradients, theta, state
