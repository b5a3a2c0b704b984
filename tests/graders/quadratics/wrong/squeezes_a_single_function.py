"""squeeze() takes away the dimension of the functions, if there is one only.

Loses: every entry is normal and independent of the others.
Axis: shape.
"""

import torch


def sample(functions, generator, size=10):
    W = torch.randn(functions, size, size, generator=generator)
    return W.squeeze(0), torch.randn(functions, size, generator=generator).squeeze(0)
