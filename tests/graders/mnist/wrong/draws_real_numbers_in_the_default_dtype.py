"""Places are real numbers rounded down, which are others where the default dtype is float64.

Axis: dtype.
Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    index = (torch.rand(size, generator=generator) * len(images)).long()
    return images[index], labels[index]
