"""Written for the optimizer of the paper.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
Axis: structure.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, ((h0, c0), (h1, c1), *rest) = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach()
        state = [(h0.detach(), c0.detach()), (h1.detach(), c1.detach()), *rest]
    return gradients, theta, state
