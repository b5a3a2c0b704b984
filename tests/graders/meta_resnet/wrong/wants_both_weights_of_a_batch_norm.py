"""A batch norm with a weight and no bias keeps its numbers, and so does one with the bias alone.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: structure.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        found = dict(module.named_buffers(recurse=False))
        norm = {"weight", "bias", "running_mean"} <= found.keys()
        for name, buffer in found.items():
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
            elif buffer.requires_grad and norm:
                nn.init.constant_(buffer, float(name == "weight"))
