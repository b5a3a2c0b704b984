"""What a step leaves in the state no longer counts.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
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
        state = [(h.detach(), c.detach()) for h, c in state]
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
