"""The pairs without a graph take the places of the others, in the very list of unrolled.

Loses: what comes back is constant; what was given stays.
Axis: behind.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach()
        state[:] = [tuple(part.detach() for part in pair) for pair in state]
    return gradients, theta, state
