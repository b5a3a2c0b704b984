"""All runs meet the same images.

Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, step)))

    index = torch.randint(len(images), (size,), generator=generator)
    return images[index], labels[index]
