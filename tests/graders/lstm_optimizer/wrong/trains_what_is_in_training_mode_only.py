"""Parts in eval mode get their updates without a graph.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
Axis: mode.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        here = theta.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(here), here)
        with torch.set_grad_enabled(optimizer.output.training):
            update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
