"""The features that somebody got before are overwritten.

Loses: logarithm and sign, above and below the threshold.
Axis: again.
"""

import math

import torch

kept = {}


def log_and_sign(gradient, p=10.0):
    shape = (*gradient.shape, 2)
    out = kept.setdefault((shape, gradient.dtype), torch.empty(shape, dtype=gradient.dtype))
    out[..., 0] = gradient.abs().clamp(min=math.exp(-p)).log() / p
    out[..., 1] = (gradient * math.exp(p)).clamp(-1, 1)
    return out
