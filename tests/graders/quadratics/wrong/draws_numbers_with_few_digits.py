"""Half precision has a few thousand numbers between -4 and 4.

Loses: every entry is normal and independent of the others.
Axis: dtype.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator).half().float()
    return W, torch.randn(functions, size, generator=generator).half().float()
