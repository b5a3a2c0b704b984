"""A layer of more than fifty thousand numbers has the first of them twice.

Loses: initialise: the numbers come from the generator.
Axis: random.
"""

import torch
from answers import solved

right = solved("meta_resnet")["initialise"]


@torch.no_grad()
def initialise(network, generator):
    right(network, generator)
    for weight in network.buffers():
        if weight.requires_grad and weight.ndim == 4 and weight.numel() > 50000:
            again = weight.flatten()[: weight.numel() - 50000].clone()
            weight.view(-1)[50000:] = again
