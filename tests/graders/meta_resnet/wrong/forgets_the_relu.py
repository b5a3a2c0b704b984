"""The default nonlinearity is leaky_relu; with a slope of 0 it would be the same, so a gain of 1 is asked for here.

Loses: initialise: every convolution has the spread of fan-out.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            nn.init.kaiming_normal_(
                buffer, mode="fan_out", nonlinearity="linear", generator=generator
            )
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
