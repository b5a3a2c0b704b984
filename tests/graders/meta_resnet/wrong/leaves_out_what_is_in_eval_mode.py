"""A batch norm in eval mode is not set to 1 and 0.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: mode.
"""

from torch import nn


def initialise(network, generator):
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, 0, "fan_out", "relu", generator)
            elif buffer.requires_grad and hasattr(module, "running_mean") and module.training:
                nn.init.constant_(buffer, float(name == "weight"))
