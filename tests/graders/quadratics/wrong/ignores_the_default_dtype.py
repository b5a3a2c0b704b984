"""float32, whatever torch's default is.

Loses: every entry is normal and independent of the others.
Axis: dtype.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator, dtype=torch.float32)
    return W, torch.randn(functions, size, generator=generator, dtype=torch.float32)
