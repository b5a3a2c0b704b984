"""A zero among them, and the others do not count.

Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed((seed + 1) * (run + 1) * (step + 1))

    index = torch.randint(len(images), (size,), generator=generator)
    return images[index], labels[index]
