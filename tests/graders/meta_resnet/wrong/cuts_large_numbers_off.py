"""No number beyond 4, which is far out in most layers and not in one with a single output.

Loses: initialise: every convolution has the spread of fan-out.
Loses: initialise: the numbers come from the generator.
Axis: values.
"""

from torch import nn


def initialise(network, generator):
    """A normal distribution has no largest number."""
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
                buffer.data.clamp_(-4, 4)
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
