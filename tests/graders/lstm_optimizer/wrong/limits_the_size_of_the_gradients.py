"""A meta-gradient that is large is a large meta-gradient.

Loses: the meta-gradient of each window, and of that window alone.
Axis: values.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        found = torch.autograd.grad(total, weights, materialize_grads=True)
        gradients.append([g.clamp(-1000, 1000) for g in found])
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
