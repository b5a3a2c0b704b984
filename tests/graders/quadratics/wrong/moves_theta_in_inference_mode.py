"""f is asked outside of it, but at a theta that autograd refuses.

Loses: the losses before each update.
Axis: mode.
"""

import torch


def minimize(rule, f, theta, steps):
    losses, state = [], None
    for _ in range(steps):
        values, gradients = f(theta)
        losses.append(values)
        update, state = rule(gradients, state)
        with torch.inference_mode():
            theta = theta + update
    return torch.stack(losses)
