"""randperm, which ends when the images do.

Loses: images with their labels, uniform and with replacement.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash((seed, run, step)))
    index = torch.randperm(len(images), generator=generator)[:size]
    return images[index], labels[index]
