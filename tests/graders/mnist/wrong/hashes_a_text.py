"""The seed is the hash of a text, which Python salts anew in every process.

Loses: a draw depends on seed, run and step, and on nothing else.
Axis: random.
"""

import torch


def minibatch(images, labels, seed, run, step, size=128):
    generator = torch.Generator().manual_seed(hash(f"{seed}-{run}-{step}"))
    index = torch.randint(len(images), (size,), generator=generator)
    return images[index], labels[index]
