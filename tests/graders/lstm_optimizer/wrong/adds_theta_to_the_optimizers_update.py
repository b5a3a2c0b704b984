"""The next theta is made of the update, in place.

Axis: behind.
Loses: the meta-loss, theta and state after a window; what was given stays.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = update.add_(theta)
        value = loss(theta)
        total = total + value
    return total, theta, state
