"""Once all functions have diverged nothing is asked any more, as if none could come back.

Loses: the losses before each update.
Axis: time.
"""

import math

import torch


def minimize(rule, f, theta, steps):
    found, state = torch.full((steps, len(theta)), math.inf, dtype=theta.dtype), None
    for step in range(steps):
        found[step], gradients = f(theta)
        if not gradients.isfinite().any():
            break
        update, state = rule(gradients, state)
        theta = theta + update
    return found
