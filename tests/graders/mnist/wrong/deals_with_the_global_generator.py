"""randperm without the generator.

Loses: chance alone deals, out of the generator.
Axis: random.
"""

from answers import solved

right = solved("mnist")["deal"]


def deal(images, shares, generator):
    return right(images, shares, None)
