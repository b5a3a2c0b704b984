"""Finding 15: squeeze takes away what one element has.

Loses: zero, very large and very small gradients, and any shape.
Axis: shape.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    gradient = gradient[..., None]
    logarithm = gradient.abs().clamp(min=math.exp(-p)).log() / p
    sign = (gradient * math.exp(p)).clamp(-1, 1)
    return torch.cat([logarithm, sign], dim=-1).squeeze()
