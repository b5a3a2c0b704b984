"""An epsilon against log(0), and a where: right to twelve digits for p = 10.

Loses: another p.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    large = gradient.abs() >= math.exp(-p)
    logarithm = torch.where(large, (gradient.abs() + 1e-16).log() / p, -1.0)
    sign = torch.where(large, gradient.sign(), gradient * math.exp(p))
    return torch.stack([logarithm, sign], dim=-1)
