"""A kernel of 3 x 5 is not one of 3 x 3.

Loses: initialise: every convolution has the spread of fan-out.
Axis: shape.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            fan = buffer.shape[0] * buffer.shape[2] ** 2
            nn.init.normal_(buffer, std=(2 / fan) ** 0.5, generator=generator)
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
