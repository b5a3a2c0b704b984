"""The second half of a weight is the first half with the other sign.

Loses: initialise: the numbers come from the generator.
Axis: random.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    right(network, generator)
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4 and len(buffer) > 1:
            half = len(buffer) // 2
            buffer.detach()[-half:] = -buffer.detach()[:half]
