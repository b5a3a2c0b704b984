"""A convolution whose tensor has another name keeps its numbers.

Loses: initialise: every convolution has the spread of fan-out.
Axis: structure.
"""

from torch import nn


def initialise(network, generator):
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4 and name == "weight":
                nn.init.kaiming_normal_(buffer, 0, "fan_out", "relu", generator)
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
