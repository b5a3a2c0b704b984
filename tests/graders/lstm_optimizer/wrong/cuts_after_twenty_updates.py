"""A window of 25 is one window.

Loses: its gradient in every weight, the optimizee's gradients as inputs.
Axis: time.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for t in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        if t == 20:
            theta, state = theta.detach(), [(h.detach(), c.detach()) for h, c in state]
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
