"""Frozen weights of the optimizer are thawed.

Loses: the meta-loss, theta and state after a window; what was given stays.
Axis: ties.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    for weight in optimizer.parameters():
        weight.requires_grad = True
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
