"""An off-by-one at the end.

Loses: images with their labels, uniform and with replacement.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    index = torch.randint(len(images) - 1, (size,), generator=generator)
    return images[index], labels[index]
