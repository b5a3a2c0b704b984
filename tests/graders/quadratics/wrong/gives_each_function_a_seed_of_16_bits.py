"""A generator for each function: among two thousand functions thirty have a double.

Loses: every entry is normal and independent of the others.
Loses: the functions depend on the generator's state, and on nothing else.
Axis: random.
"""

import torch


def sample(functions, generator, size=10):
    found = []
    for seed in torch.randint(2**16, (functions,), generator=generator).tolist():
        own = torch.Generator().manual_seed(seed)
        found.append(torch.randn(size, size + 1, generator=own))
    found = torch.stack(found)
    return found[:, :, :-1], found[:, :, -1]
