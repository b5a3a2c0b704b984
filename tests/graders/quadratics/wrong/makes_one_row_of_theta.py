"""view(-1) fails where the start is a transposed view.

Loses: the losses before each update.
Axis: shape.
"""

import torch


def minimize(rule, f, theta, steps):
    shape, theta, state, losses = theta.shape, theta.view(-1), None, []
    for _ in range(steps):
        loss, gradients = f(theta.view(shape))
        losses.append(loss)
        update, state = rule(gradients, state)
        theta = theta + update.reshape(-1)
    return torch.stack(losses)
