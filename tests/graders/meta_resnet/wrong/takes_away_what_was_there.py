"""1 and 0 by subtracting what was there: NaN less NaN is not 0.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: values.
"""

from torch import nn


def initialise(network, generator):
    """What was there need not be a number."""
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                buffer.data.sub_(buffer.data).add_(float(name == "weight"))
