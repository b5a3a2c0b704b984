"""torch.manual_seed, and torch is no longer as it was.

Loses: a draw depends on seed, run and step, and on nothing else.
Axis: behind.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    torch.manual_seed(hash((seed, run, step)))
    index = torch.randint(len(images), (size,))
    return images[index], labels[index]
