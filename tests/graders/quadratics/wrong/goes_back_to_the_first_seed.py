"""initial_seed() is the seed that the generator once had.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: before.
"""

import torch


def sample(functions, generator, size=10):
    own = torch.Generator().manual_seed(generator.initial_seed())
    W = torch.randn(functions, size, size, generator=own)
    return W, torch.randn(functions, size, generator=own)
