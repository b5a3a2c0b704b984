"""exp(-p) g below the threshold.

Loses: logarithm and sign, above and below the threshold.
Loses: another p.
Loses: zero, very large and very small gradients, and any shape.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    large = gradient.abs() >= math.exp(-p)
    logarithm = torch.where(large, gradient.abs().log() / p, -torch.ones_like(gradient))
    sign = torch.where(large, gradient.sign(), math.exp(-p) * gradient)
    return torch.stack([logarithm, sign], dim=-1)
