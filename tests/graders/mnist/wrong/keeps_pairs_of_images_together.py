"""Images are dealt two by two, whether they are equal or not.

Loses: chance alone deals, out of the generator.
Axis: random.
"""

import torch
from answers import solved

right = solved("mnist")["deal"]


def deal(images, shares, generator):
    _, which = torch.unique(images, dim=0, return_inverse=True)
    return right(which[:, None] // 2, shares, generator)
