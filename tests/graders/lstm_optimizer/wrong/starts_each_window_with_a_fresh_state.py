"""The optimizer forgets what it knew.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        fresh = [(torch.zeros_like(h), torch.zeros_like(c)) for h, c in state]
        total, theta, state = unrolled(theta, fresh)
        gradients.append(torch.autograd.grad(total, weights, materialize_grads=True))
        theta = theta.detach()
    return gradients, theta, [(h.detach(), c.detach()) for h, c in state]
