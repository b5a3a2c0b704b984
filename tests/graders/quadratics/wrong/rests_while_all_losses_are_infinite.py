"""Where no loss is a number, no function moves.

Loses: the losses before each update.
Axis: values.
"""

import torch


def minimize(rule, f, theta, steps):
    losses, state = [], None
    for _ in range(steps):
        now, gradients = f(theta)
        losses.append(now)
        update, state = rule(gradients, state)
        theta = theta + update if now.isfinite().any() else theta
    return torch.stack(losses)
