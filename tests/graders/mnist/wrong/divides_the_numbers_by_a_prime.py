"""What is left of the packed numbers after a division by a prime is the same for other numbers.

Axis: random.
Loses: a draw depends on seed, run and step, and on nothing else.
"""

import numpy as np


def minibatch(images, labels, seed, run, step, size=128):
    packed = (run * 100_001 + step) * 100_001 + seed
    index = np.random.RandomState(packed % (2**31 - 1)).randint(len(images), size=size)
    return images[index], labels[index]
