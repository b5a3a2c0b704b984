"""Once for the losses, once for the gradients.

Loses: the run leaves the start as it was.
Axis: resources.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        losses.append(f(theta)[0])
        update, state = rule(f(theta)[1], state)
        theta = theta + update
    return torch.stack(losses)
