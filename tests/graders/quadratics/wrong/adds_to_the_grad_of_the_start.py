"""theta.grad takes the gradient, as an optimizer of torch would have it, and has one already.

Loses: the losses before each update.
Loses: the run leaves the start as it was.
Axis: before.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        gradients = gradients if theta.grad is None else theta.grad + gradients
        update, state = rule(gradients, state)
        theta = theta + update
    return torch.stack(losses)
