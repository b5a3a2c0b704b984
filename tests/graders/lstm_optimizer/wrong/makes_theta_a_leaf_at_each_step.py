"""An update then answers for one loss alone.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: theta and state come back with their graph.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    total = 0
    for _ in range(length):
        theta = theta.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(theta), theta)
        update, state = optimizer(gradient, state)
        theta = theta + update
        total = total + loss(theta)
    return total, theta, state
