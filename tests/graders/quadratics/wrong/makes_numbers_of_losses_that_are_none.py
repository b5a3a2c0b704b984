"""What a loss counts that is none is for capped_sums to say.

Loses: the losses before each update.
"""

import torch


def minimize(rule, f, theta, steps):
    losses, state = [], None
    for _ in range(steps):
        values, gradients = f(theta)
        losses.append(values)
        update, state = rule(gradients, state)
        theta = theta + update
    return torch.stack(losses).nan_to_num()
