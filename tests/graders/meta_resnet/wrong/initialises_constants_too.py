"""A constant with four dimensions is no weight.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.ndim == 4:
            nn.init.kaiming_normal_(
                buffer, mode="fan_out", nonlinearity="relu", generator=generator
            )
    for module in network.modules():
        if hasattr(module, "running_mean"):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
