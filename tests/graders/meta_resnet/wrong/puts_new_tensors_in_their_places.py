"""An optimizer holds the old ones.

Loses: initialise: every convolution has the spread of fan-out.
Axis: behind.
"""

import torch
from torch import nn


def initialise(network, generator):
    for module in network.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if buffer.requires_grad and buffer.ndim == 4:
                new = torch.empty_like(buffer, requires_grad=False)
                nn.init.kaiming_normal_(
                    new, mode="fan_out", nonlinearity="relu", generator=generator
                )
                setattr(module, name, new.requires_grad_())
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
