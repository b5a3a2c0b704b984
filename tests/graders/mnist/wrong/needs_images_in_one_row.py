"""view refuses a transposed tensor.

Loses: images with their labels, uniform and with replacement.
Axis: shape.
"""

from answers import solved

right = solved("mnist")["minibatch"]


def minibatch(images, labels, seed, run, step, size=128):
    return right(images.view(-1).view(images.shape), labels, seed, run, step, size)
