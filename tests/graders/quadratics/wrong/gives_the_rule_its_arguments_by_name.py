"""The rule is called by the names that one of the rules has, and the next has others.

Axis: shape.
Loses: the losses before each update.
Loses: the run leaves the start as it was.
"""

import torch


def minimize(rule, f, theta, steps):
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients=gradients, state=state)
        theta = theta + update
    return torch.stack(losses)
