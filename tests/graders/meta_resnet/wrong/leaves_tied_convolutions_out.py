"""A weight that stands in two places belongs to neither.

Loses: initialise: every convolution has the spread of fan-out.
Axis: ties.
"""

from collections import Counter

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    places = Counter(map(id, dict(network.named_buffers(remove_duplicate=False)).values()))
    before = {b: b.detach().clone() for b in network.buffers() if places[id(b)] > 1}
    right(network, generator)
    for buffer, numbers in before.items():
        buffer.detach().copy_(numbers)
