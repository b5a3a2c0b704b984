"""A list of where the windows ended holds their graphs, although each was gone through.

Axis: resources.
Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients, ends = [], [(theta, state)]
    for _ in range(windows):
        theta, state = ends[-1]
        total, *end = unrolled(theta.detach(), [(h.detach(), c.detach()) for h, c in state])
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        ends.append(end)
    theta, state = ends[-1]
    return gradients, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
