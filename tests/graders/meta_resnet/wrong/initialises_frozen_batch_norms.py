"""A frozen batch norm loses its numbers.

Loses: initialise: batch norms at 1 and 0, and all else as it was.
Axis: ties.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    right(network, generator)
    for module in network.modules():
        if getattr(module, "weight", None) is not None and hasattr(module, "running_mean"):
            module.weight.detach().fill_(1)
            module.bias.detach().fill_(0)
