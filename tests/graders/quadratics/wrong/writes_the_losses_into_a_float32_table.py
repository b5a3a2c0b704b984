"""torch.empty without a dtype: beyond 1e38 there is only infinity.

Loses: the losses before each update.
Axis: dtype.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, torch.empty(steps, len(theta))
    for step in range(steps):
        losses[step], gradients = f(theta)
        update, state = rule(gradients, state)
        theta = theta + update
    return losses
