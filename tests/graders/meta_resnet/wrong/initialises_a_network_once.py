"""A network that was initialised before keeps its numbers.

Loses: initialise: the numbers come from the generator.
Axis: again.
"""

import weakref

from answers import solved

right = solved("meta_resnet")["initialise"]
done = weakref.WeakSet()


def initialise(network, generator):
    if network not in done:
        right(network, generator)
    done.add(network)
