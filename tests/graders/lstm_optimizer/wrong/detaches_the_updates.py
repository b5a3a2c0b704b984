"""The update is taken for a number, and the optimizer learns nothing.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: a window of a single update trains that update.
Loses: theta and state come back with their graph.
Axis: graph.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update.detach()
        value = loss(theta)
        total = total + value
    return total, theta, state
