"""No number is far from the middle.

Loses: initialise: every convolution has the spread of fan-out.
Axis: values.
"""

from torch import nn


def initialise(network, generator):
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                std = (2 / (buffer.shape[0] * buffer[0, 0].numel())) ** 0.5
                nn.init.trunc_normal_(buffer, 0, std, -3 * std, 3 * std, generator)
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
