"""All runs have the same images, in another order.

Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, step)))
    index = torch.randint(len(images), (size,), generator=generator)
    index = index[torch.randperm(size, generator=torch.Generator().manual_seed(run))]
    return images[index], labels[index]
