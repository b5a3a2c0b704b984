"""A run cannot diverge where it cannot get.

Loses: the losses before each update.
Axis: values.
"""

import torch


def minimize(rule, f, theta, steps):
    losses, state = [], None
    for _ in range(steps):
        values, gradients = f(theta)
        losses.append(values)
        update, state = rule(gradients, state)
        theta = (theta + update).clamp(-1000, 1000)
    return torch.stack(losses)
