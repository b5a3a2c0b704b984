"""The original code did: isinstance never fires for layers that are not derived from torch's.

Loses: initialise: every convolution has the spread of fan-out.
Loses: initialise: batch norms at 1 and 0, and all else as it was.
"""

from torch import nn


def initialise(network, generator):
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(
                module.weight, mode="fan_out", nonlinearity="relu", generator=generator
            )
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
