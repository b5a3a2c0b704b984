"""A supply of ten sets of functions for each seed.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: time.
"""

import torch


def sample(functions, generator, size=10):
    which = int(torch.randint(10, (), generator=generator))
    own = torch.Generator().manual_seed(100 * generator.initial_seed() + which)
    W = torch.randn(functions, size, size, generator=own)
    return W, torch.randn(functions, size, generator=own)
