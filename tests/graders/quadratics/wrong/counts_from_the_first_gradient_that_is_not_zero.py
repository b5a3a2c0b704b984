"""A run that begins at a minimum begins later, it thinks.

Loses: Adam is torch's for very small gradients, and for zero.
Axis: time.
"""

import torch


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    if t > 0 or gradient.count_nonzero() > 0:
        t = t + 1
    mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
    if t == 0:
        return torch.zeros_like(gradient), (mean, square, t)
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean, square, t)
