"""A weight that is a transposed view raises an error.

Loses: initialise: every convolution has the spread of fan-out.
Loses: initialise: batch norms at 1 and 0, and all else as it was.
Loses: initialise: the numbers come from the generator.
Axis: shape.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            buffer.detach().view(-1).zero_()
    right(network, generator)
