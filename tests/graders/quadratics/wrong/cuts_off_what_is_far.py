"""No entry beyond 3.5: one in two thousand is moved.

Loses: every entry is normal and independent of the others.
Axis: values.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator)
    return W.clamp(-3.5, 3.5), torch.randn(functions, size, generator=generator).clamp(-3.5, 3.5)
