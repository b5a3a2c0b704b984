"""Images and labels from two draws.

Loses: images with their labels, uniform and with replacement.
Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    x = images[torch.randint(len(images), (size,), generator=generator)]
    return x, labels[torch.randint(len(images), (size,), generator=generator)]
