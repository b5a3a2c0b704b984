"""detach_() acts on what unrolled has returned.

Loses: what comes back is constant; what was given stays.
Axis: behind.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        for part in (theta, *(part for pair in state for part in pair)):
            part.detach_()
    return gradients, theta, state
