"""A truncated normal distribution.

Loses: initialise: every convolution has the spread of fan-out.
Axis: values.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            std = (2 / (buffer.shape[0] * buffer[0, 0].numel())) ** 0.5
            nn.init.trunc_normal_(buffer, std=std, a=-2 * std, b=2 * std, generator=generator)
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
