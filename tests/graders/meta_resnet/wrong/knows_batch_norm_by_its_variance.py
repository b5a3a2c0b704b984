"""A module without a running_var is no batch norm to it, whatever it has.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: structure.
"""

from torch import nn


def initialise(network, generator):
    """The running_mean is what tells."""
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
            elif buffer.requires_grad and getattr(module, "running_var", None) is not None:
                nn.init.constant_(buffer, float(name == "weight"))
