"""The update belongs to the rule, which may have kept it.

Loses: the run leaves the start as it was.
Axis: behind.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients, state)
        theta = update.add_(theta)
    return torch.stack(losses)
