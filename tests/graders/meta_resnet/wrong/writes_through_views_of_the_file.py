"""A tensor of the state dict that is a transposed view raises an error.

Loses: load: all but the head; the names that were not loaded.
Axis: shape.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    flat = {name: tensor.view(-1).view(tensor.shape) for name, tensor in state.items()}
    return right(network, flat, head)
