"""The generator is put back to its seed, wherever it stood.

Loses: chance alone deals, out of the generator.
Axis: before.
Axis: random.
"""

from answers import solved

right = solved("mnist")["deal"]


def deal(images, shares, generator):
    return right(images, shares, generator.manual_seed(generator.initial_seed()))
