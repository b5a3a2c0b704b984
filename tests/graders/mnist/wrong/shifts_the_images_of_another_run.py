"""Each run has the images that come after those of the last.

Loses: a draw depends on seed, run and step, and on nothing else.
Axis: random.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, step)))
    index = torch.randint(len(images), (size,), generator=generator)
    index = (index + run) % len(images)
    return images[index], labels[index]
