"""As every tutorial does.

Loses: a draw depends on seed, run and step, and on nothing else.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    index = torch.randint(len(images), (size,))
    return images[index], labels[index]
