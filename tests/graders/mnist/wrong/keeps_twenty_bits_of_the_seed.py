"""A million different minibatches, of which thousands coincide.

Axis: random.
Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(abs(hash((seed, run, step))) % 2**20)
    index = torch.randint(len(images), (size,), generator=generator)
    return images[index], labels[index]
