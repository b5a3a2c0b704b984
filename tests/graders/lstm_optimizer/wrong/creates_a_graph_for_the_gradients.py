"""create_graph=True where retain_graph was not even needed.

Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(
            list(torch.autograd.grad(total, weights, create_graph=True, materialize_grads=True))
        )
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
