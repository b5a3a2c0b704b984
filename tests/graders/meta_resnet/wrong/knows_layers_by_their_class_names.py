"""The layers are told by the names of their classes, as is common elsewhere.

Loses: initialise: every convolution has the spread of fan-out.
Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: structure.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for module in network.modules():
        name = type(module).__name__
        if "Conv" in name:
            nn.init.kaiming_normal_(
                module.weight, mode="fan_out", nonlinearity="relu", generator=generator
            )
        elif "Norm" in name:
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
