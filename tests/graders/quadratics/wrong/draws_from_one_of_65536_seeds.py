"""A seed of 16 bits for numpy, drawn from the generator: after some hundred calls one comes again.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: random.
"""

import numpy as np
import torch


def sample(functions, generator, size=10):
    rng = np.random.default_rng(int(torch.randint(2**16, (), generator=generator)))
    drawn = rng.standard_normal((functions, size, size + 1))
    drawn = torch.from_numpy(drawn).to(torch.get_default_dtype())
    return drawn[..., 1:].contiguous(), drawn[..., 0].contiguous()
