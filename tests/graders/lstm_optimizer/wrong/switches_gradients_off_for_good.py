"""Nobody can differentiate any more afterwards.

Loses: what comes back is constant; what was given stays.
Axis: mode.
Axis: behind.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        torch.set_grad_enabled(True)
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        torch.set_grad_enabled(False)
        theta, state = theta.clone(), [(h.clone(), c.clone()) for h, c in state]
    return gradients, theta, state
