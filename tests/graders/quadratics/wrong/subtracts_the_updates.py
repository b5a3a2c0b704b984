"""theta - update.

Loses: the losses before each update.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients, state)
        theta = theta - update
    return torch.stack(losses)
