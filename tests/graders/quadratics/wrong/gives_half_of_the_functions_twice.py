"""Every W comes with its opposite.

Loses: every entry is normal and independent of the others.
Axis: random.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator)
    half = functions // 2
    W[half : 2 * half] = -W[:half]
    return W, torch.randn(functions, size, generator=generator)
