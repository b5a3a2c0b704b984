"""They are lost anyway, but the loss of a run that stands still is not that of one that diverges.

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
        going = (values <= 10 * losses[0])[:, None]
        theta = torch.where(going, theta + update, theta)
    return torch.stack(losses)
