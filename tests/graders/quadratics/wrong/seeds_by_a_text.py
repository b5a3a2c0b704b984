"""The generator's next number as a text, whose hash is another one in each process.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: random.
"""

import torch


def sample(functions, generator, size=10):
    number = int(torch.randint(2**62, (), generator=generator))
    own = torch.Generator().manual_seed(abs(hash(f"quadratics {number}")))
    W = torch.randn(functions, size, size, generator=own)
    return W, torch.randn(functions, size, generator=own)
