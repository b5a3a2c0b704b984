"""The two features have changed places.

Loses: logarithm and sign, above and below the threshold.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    logarithm = gradient.abs().clamp(min=math.exp(-p)).log() / p
    sign = (gradient * math.exp(p)).clamp(-1, 1)
    return torch.stack([sign, logarithm], dim=-1)
