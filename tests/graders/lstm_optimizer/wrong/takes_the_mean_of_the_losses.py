"""The mean, where a sum is asked for.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, losses = loss(theta), []
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        losses.append(value)
    return torch.stack(losses).mean(), theta, state
