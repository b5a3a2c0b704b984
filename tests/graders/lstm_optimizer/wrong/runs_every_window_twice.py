"""Once for the gradients, and once for where it ends.

Loses: what comes back is constant; what was given stays.
Axis: resources.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, _, _ = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        with torch.no_grad():
            _, theta, state = unrolled(theta, state)
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
