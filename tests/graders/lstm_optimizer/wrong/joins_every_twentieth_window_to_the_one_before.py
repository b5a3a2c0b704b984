"""One cut is left out, late in the run.

Loses: the meta-gradient of each window, and of that window alone.
Axis: time.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for window in range(1, windows + 1):
        total, theta, state = unrolled(theta, state)
        gradients.append(
            list(
                torch.autograd.grad(
                    total, weights, materialize_grads=True, retain_graph=window == 20
                )
            )
        )
        theta = theta.detach()
        if window != 20:
            state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, [(h.detach(), c.detach()) for h, c in state]
