"""A buffer that is in no state dict is missed in this one.

Loses: load: all but the head; the names that were not loaded.
Axis: structure.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    for name, _ in network.named_buffers():
        if name not in state and not name.startswith(head + "."):
            raise KeyError(name)
    return right(network, state, head)
