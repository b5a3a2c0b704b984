"""Numbers below 65,536, modulo the number of images, which may be larger, or not divide it.

Axis: random.
Loses: images with their labels, uniform and with replacement.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    index = torch.randint(2**16, (size,), generator=generator) % len(images)
    return images[index], labels[index]
