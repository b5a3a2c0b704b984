"""theta still leads into the window before.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(
            torch.autograd.grad(total, weights, retain_graph=True, materialize_grads=True)
        )
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta.detach(), state
