"""A small number under the logarithm, as one does, and no threshold.

Loses: logarithm and sign, above and below the threshold.
Loses: zero, very large and very small gradients, and any shape.
Loses: another p.
"""

import torch


def log_and_sign(gradient, p=10.0):
    logarithm = (gradient.abs() + 1e-8).log() / p
    return torch.stack([logarithm, gradient.sign()], dim=-1)
