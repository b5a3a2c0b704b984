"""The same numbers each time, and in layers of one shape.

Loses: initialise: the numbers come from the generator.
Axis: random.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            generator.manual_seed(generator.initial_seed())
            nn.init.kaiming_normal_(
                buffer, mode="fan_out", nonlinearity="relu", generator=generator
            )
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
