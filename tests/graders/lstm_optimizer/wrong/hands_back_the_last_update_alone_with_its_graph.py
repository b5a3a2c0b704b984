"""theta is a constant, plus the last update.

Loses: theta and state come back with their graph.
Axis: graph.
Axis: time.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        before, theta = theta, theta + update
        value = loss(theta)
        total = total + value
    return total, before.detach() + update, state
