"""Whatever the caller asks for.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(3):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
