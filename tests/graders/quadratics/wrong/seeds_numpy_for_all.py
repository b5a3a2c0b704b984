"""numpy's shared generator gets a seed from the one that is given.

Loses: the functions depend on the generator's state, and on nothing else.
Axis: behind.
Axis: random.
"""

import numpy as np
import torch


def sample(functions, generator, size=10):
    np.random.seed(int(torch.randint(2**31, (), generator=generator)))
    numbers = np.random.standard_normal((functions, size, size + 1))
    numbers = torch.from_numpy(numbers).to(torch.get_default_dtype())
    return numbers[..., :size].clone(), numbers[..., size].clone()
