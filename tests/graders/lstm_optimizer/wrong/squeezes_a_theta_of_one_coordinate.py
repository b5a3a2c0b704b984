"""With one coordinate theta becomes a number.

Loses: the meta-gradient of each window, and of that window alone.
Axis: shape.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach().squeeze()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
