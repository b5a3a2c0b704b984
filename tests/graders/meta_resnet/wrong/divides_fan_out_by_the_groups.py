"""Groups do not enter in torch's fan-out.

Loses: initialise: every convolution has the spread of fan-out.
"""

from torch import nn


def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    for module in network.modules():
        weight = getattr(module, "weight", None)
        if weight is not None and weight.requires_grad and weight.ndim == 4:
            out = weight.shape[0] * weight[0, 0].numel() / getattr(module, "groups", 1)
            nn.init.normal_(weight, std=(2 / out) ** 0.5, generator=generator)
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 1 and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
