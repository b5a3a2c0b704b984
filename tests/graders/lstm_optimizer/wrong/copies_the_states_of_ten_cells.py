"""An optimizer may have more cells than that.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
Axis: structure.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        by_name = {str(k): pair for k, pair in enumerate(state)}
        state = [by_name[name] for name in sorted(by_name)]
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, list(state)
