"""The square of a large gradient is infinite.

Loses: zero, very large and very small gradients, and any shape.
Axis: values.
"""

import math

import torch


def log_and_sign(gradient, p=10.0):
    logarithm = (gradient * gradient).log().div(2 * p).clamp(min=-1)
    sign = (gradient * math.exp(p)).clamp(-1, 1)
    return torch.stack([logarithm, sign], dim=-1)
