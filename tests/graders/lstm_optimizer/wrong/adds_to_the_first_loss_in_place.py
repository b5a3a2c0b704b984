"""Finding 13: total is the first loss itself, and += writes into it.

Loses: the meta-loss, theta and state after a window; what was given stays.
Axis: behind.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), None
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        if total is None:
            total = value
        else:
            total += value
    return total, theta, state
