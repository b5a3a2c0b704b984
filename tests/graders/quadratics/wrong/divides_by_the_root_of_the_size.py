"""The scale that keeps the length of W theta, as in a network.

Loses: every entry is normal and independent of the others.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator) / size**0.5
    return W, torch.randn(functions, size, generator=generator)
