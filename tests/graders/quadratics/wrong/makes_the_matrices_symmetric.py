"""W + W.mT, as a quadratic form would have it.

Loses: every entry is normal and independent of the others.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator)
    return (W + W.mT) / 2**0.5, torch.randn(functions, size, generator=generator)
