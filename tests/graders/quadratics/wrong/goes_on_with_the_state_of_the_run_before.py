"""A default argument keeps what the rule remembered.

Loses: the losses before each update.
Loses: the run leaves the start as it was.
Axis: again.
"""

import torch


def minimize(rule, f, theta, steps, kept=[None]):
    losses = []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, kept[0] = rule(gradients, kept[0])
        theta = theta + update
    return torch.stack(losses)
