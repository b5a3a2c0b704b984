"""log(0) times 0 is not 0.

Loses: zero, very large and very small gradients, and any shape.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    large = (gradient.abs() >= math.exp(-p)).to(gradient.dtype)
    logarithm = large * gradient.abs().log() / p + (1 - large) * -1
    sign = large * gradient.sign() + (1 - large) * math.exp(p) * gradient
    return torch.stack([logarithm, sign], dim=-1)
