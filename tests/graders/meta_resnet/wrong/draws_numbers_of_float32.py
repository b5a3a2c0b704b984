"""A network in float64 gets numbers with seven digits.

Loses: initialise: the numbers come from the generator.
Axis: dtype.
"""

import torch
from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    right(network, generator)
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            rounded = buffer.detach().to(torch.float32)
            buffer.detach().copy_(rounded)
