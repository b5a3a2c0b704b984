"""theta is a copy, but f and the rule were given that very copy, and may have kept it.

Loses: the run leaves the start as it was.
Axis: behind.
"""

import torch


def minimize(rule, f, theta, steps):
    theta, state, losses = theta.clone(), None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients, state)
        theta += update
    return torch.stack(losses)
