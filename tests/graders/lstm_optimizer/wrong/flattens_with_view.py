"""A view whose numbers do not lie side by side has no view(-1).

Loses: zero, very large and very small gradients, and any shape.
Axis: shape.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    row = gradient.view(-1)
    pairs = [(row.abs() + 0.0).clamp(min=math.exp(-p)).log() / p, (row * math.exp(p)).clamp(-1, 1)]
    return torch.stack(pairs, dim=1).view(*gradient.shape, 2)
