"""A rule that rests has not arrived.

Loses: the losses before each update.
Axis: time.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients, state)
        if not update.any():
            return torch.stack(losses + [loss] * (steps - len(losses)))
        theta = theta + update
    return torch.stack(losses)
