"""Cuts where the next question would.

Loses: theta and state come back with their graph.
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
        total = total + value
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
