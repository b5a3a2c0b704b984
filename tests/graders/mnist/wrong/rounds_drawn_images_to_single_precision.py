"""Doubles that differ by little become the same images.

Loses: images with their labels, uniform and with replacement.
Axis: dtype.
"""

from answers import solved

right = solved("mnist")["minibatch"]


def minibatch(images, labels, seed, run, step, size=128):
    return right(images.float(), labels, seed, run, step, size)
