"""create_graph=True keeps the dashed edges.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, create_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
