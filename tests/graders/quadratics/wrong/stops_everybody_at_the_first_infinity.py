"""One function diverges, and all stand still.

Loses: the losses before each update.
Axis: values.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        if not loss.isfinite().all():
            return torch.stack(losses + [loss] * (steps - len(losses)))
        update, state = rule(gradients, state)
        theta = theta + update
    return torch.stack(losses)
