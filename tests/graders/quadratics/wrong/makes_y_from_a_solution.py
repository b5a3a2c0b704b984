"""y = W theta*, so that the minimum is zero; y then depends on W.

Loses: every entry is normal and independent of the others.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator)
    solution = torch.randn(functions, size, generator=generator)
    return W, (W @ solution[..., None])[..., 0] / size**0.5
