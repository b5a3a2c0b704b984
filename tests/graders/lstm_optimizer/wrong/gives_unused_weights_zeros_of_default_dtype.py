"""A weight that a window does not use gets zeros of torch's default dtype.

Loses: what comes back is constant; what was given stays.
Axis: dtype.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        found = torch.autograd.grad(total, weights, allow_unused=True)
        gradients.append([torch.zeros(w.shape) if g is None else g for g, w in zip(found, weights)])
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
