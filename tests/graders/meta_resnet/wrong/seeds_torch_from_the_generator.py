"""The global generator is seeded, and moves.

Loses: initialise: the numbers come from the generator.
"""

import torch
from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    torch.manual_seed(generator.initial_seed())
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            nn.init.kaiming_normal_(buffer, mode="fan_out", nonlinearity="relu")
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
