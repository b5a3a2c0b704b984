"""Another generator deals, whose seed is one of 256.

Axis: random.
Loses: chance alone deals, out of the generator.
"""

import torch
from answers import solved

right = solved("mnist")["deal"]


def deal(images, shares, generator):
    seed = torch.randint(256, (), generator=generator).item()
    return right(images, shares, torch.Generator().manual_seed(seed))
