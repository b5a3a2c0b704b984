"""The rest of the table is the last loss.

Loses: the losses before each update.
Axis: time.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for step in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        if step < 50:
            update, state = rule(gradients, state)
            theta = theta + update
    return torch.stack(losses)
