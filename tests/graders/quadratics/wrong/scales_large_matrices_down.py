"""The length of W theta is kept, but only beyond ten coordinates.

Loses: every entry is normal and independent of the others.
Axis: shape.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator) * min(1.0, 10 / size)
    return W, torch.randn(functions, size, generator=generator)
