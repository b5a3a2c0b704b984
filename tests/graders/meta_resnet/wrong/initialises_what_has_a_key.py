"""A weight that is not in the state dict keeps its numbers.

Loses: initialise: every convolution has the spread of fan-out.
Axis: structure.
"""

from torch import nn


def initialise(network, generator):
    for name, tensor in network.state_dict(keep_vars=True).items():
        owner = network.get_submodule(name.rpartition(".")[0])
        if tensor.requires_grad and tensor.ndim == 4:
            nn.init.kaiming_normal_(tensor, 0, "fan_out", "relu", generator)
        elif tensor.requires_grad and hasattr(owner, "running_mean"):
            nn.init.constant_(tensor, float(name.endswith("weight")))
