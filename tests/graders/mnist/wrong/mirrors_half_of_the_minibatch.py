"""The second half has the images opposite to those of the first.

Loses: images with their labels, uniform and with replacement.
Axis: random.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    index = torch.randint(len(images), (size,), generator=generator)
    index[size - size // 2 :] = len(images) - 1 - index[: size // 2]
    return images[index], labels[index]
