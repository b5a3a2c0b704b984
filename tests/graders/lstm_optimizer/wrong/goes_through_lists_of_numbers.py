"""torch.tensor() of a list is float32.

Loses: what comes back is constant; what was given stays.
Axis: dtype.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = torch.tensor(theta.tolist())
        state = [tuple(torch.tensor(part.tolist()) for part in pair) for pair in state]
    return gradients, theta, state
