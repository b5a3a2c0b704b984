"""The threshold of the paper's p.

Loses: another p.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    logarithm = gradient.abs().clamp(min=math.exp(-10)).log() / p
    sign = (gradient * math.exp(10)).clamp(-1, 1)
    return torch.stack([logarithm, sign], dim=-1)
