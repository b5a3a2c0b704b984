"""The loss is no number for once, and the function never comes back, though its gradient is one.

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
        theta = theta + update.masked_fill(values.isnan()[:, None], 0.0)
    return torch.stack(losses)
