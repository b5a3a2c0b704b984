"""One W for the whole batch.

Loses: every entry is normal and independent of the others.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(size, size, generator=generator)
    return W.expand(functions, size, size), torch.randn(functions, size, generator=generator)
