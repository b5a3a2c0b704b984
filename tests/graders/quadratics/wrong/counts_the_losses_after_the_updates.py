"""theta_1 to theta_100, as a plot of training would have it.

Loses: the losses before each update.
Loses: the run leaves the start as it was.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        update, state = rule(f(theta)[1], state)
        theta = theta + update
        losses.append(f(theta)[0])
    return torch.stack(losses)
