"""The lazy way of sparse gradients; what is remembered would go on.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: Adam is torch's.
Axis: values.
"""

import torch


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    direction = gradient + 0.9 * buffer if nesterov else buffer
    return torch.where(gradient == 0, 0, -rate * direction), buffer


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    update = -rate * mean / (1 - 0.9**t) / (root + 1e-8)
    return torch.where(gradient == 0, 0, update), (mean, square, t)
