"""A batch norm is taken for frozen if its bias is.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: ties.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        for buffer in module.buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
        bias = getattr(module, "bias", None)
        if hasattr(module, "running_mean") and bias is not None and bias.requires_grad:
            if module.weight is not None:
                nn.init.ones_(module.weight)
            nn.init.zeros_(bias)
