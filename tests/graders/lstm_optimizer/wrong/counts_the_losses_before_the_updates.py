"""Finding 11: the last update has no loss to answer for.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: a window of a single update trains that update.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    total = 0
    for _ in range(length):
        value = loss(theta)
        total = total + value
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
    return total, theta, state
