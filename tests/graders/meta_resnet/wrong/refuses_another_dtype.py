"""A network in float32 takes no state dict in float64.

Loses: load: all but the head; the names that were not loaded.
Axis: dtype.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    own = network.state_dict()
    for name in own.keys() & state.keys():
        if own[name].dtype.itemsize < state[name].dtype.itemsize:
            raise ValueError(name)
    return right(network, state, head)
