"""A seed from the generator, given to torch.manual_seed.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: behind.
"""

import torch


def sample(functions, generator, size=10):
    torch.manual_seed(int(torch.randint(2**40, (), generator=generator)))
    return torch.randn(functions, size, size), torch.randn(functions, size)
