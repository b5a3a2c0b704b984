"""A dict outside of the function keeps every network.

Loses: initialise: the numbers come from the generator.
Axis: resources.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


seen = {}


def initialise(network, generator):
    seen[len(seen)] = network
    right(network, generator)
