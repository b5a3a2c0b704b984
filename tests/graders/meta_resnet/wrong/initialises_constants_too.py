"""A constant with four dimensions is no weight.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Told: this is a constant.
Axis: ties.
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
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
