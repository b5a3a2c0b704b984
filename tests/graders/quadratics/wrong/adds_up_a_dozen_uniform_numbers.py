"""Nearly normal: the fourth powers have the mean 2.9.

Loses: every entry is normal and independent of the others.
Axis: random.
"""

import torch


def sample(functions, generator, size=10):
    numbers = torch.rand(12, functions, size, size + 1, generator=generator).sum(0) - 6
    return numbers[..., :size], numbers[..., size]
