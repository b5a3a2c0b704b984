"""A slice that is off by one: y is the last column of W.

Loses: every entry is normal and independent of the others.
Axis: random.
"""

import torch


def sample(functions, generator, size=10):
    numbers = torch.randn(functions, size, size + 1, generator=generator)
    return numbers[..., :size], numbers[..., size - 1].clone()
