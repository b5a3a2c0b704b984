"""A window in float64 has a meta-loss of seven digits.

Loses: the meta-loss, theta and state after a window; what was given stays.
Axis: dtype.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value.float()
    return total, theta, state
