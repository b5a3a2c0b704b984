"""A random place, and those that follow.

Loses: images with their labels, uniform and with replacement.
Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    start = torch.randint(len(images), (), generator=generator)
    index = (start + torch.arange(size)) % len(images)
    return images[index], labels[index]
