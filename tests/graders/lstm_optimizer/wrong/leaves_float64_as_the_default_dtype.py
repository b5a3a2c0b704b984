"""Exact for once, and for everybody after.

Loses: logarithm and sign, above and below the threshold.
Axis: behind.
"""

import torch


def log_and_sign(gradient, p=10.0):
    torch.set_default_dtype(torch.float64)
    threshold = torch.tensor(-p).exp()
    logarithm = gradient.abs().clamp(min=threshold.item()).log() / p
    sign = (gradient / threshold.item()).clamp(-1, 1)
    return torch.stack([logarithm, sign], dim=-1)
