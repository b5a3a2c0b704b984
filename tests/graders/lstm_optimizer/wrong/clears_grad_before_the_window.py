"""What was in .grad is lost, though nothing new is in it.

Loses: no backward pass on the way goes through the optimizer.
Axis: before.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    optimizer.zero_grad()
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
