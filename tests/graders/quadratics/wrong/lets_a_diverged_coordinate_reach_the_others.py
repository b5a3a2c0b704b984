"""Gradients are measured by the largest of all, for safety.

Loses: RMSprop is torch's, for small gradients too.
Axis: values.
"""

import torch


def rmsprop(gradient, state, rate):
    size = gradient.abs().max().clamp(min=1.0)
    small = gradient / size
    square = torch.zeros_like(gradient) if state is None else state
    square = 0.99 * square + 0.01 * (small * size) ** 2
    return -rate * (small * size) / (square.sqrt() + 1e-8), square
