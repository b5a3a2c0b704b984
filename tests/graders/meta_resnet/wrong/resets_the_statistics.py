"""reset_parameters() of torch's batch norm resets more than the weights.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for buffer in network.buffers():
        if buffer.requires_grad and buffer.ndim == 4:
            nn.init.kaiming_normal_(
                buffer, mode="fan_out", nonlinearity="relu", generator=generator
            )
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
        if hasattr(module, "running_mean"):
            module.running_mean.zero_()
            module.running_var.fill_(1)
