"""Constants of the head that are not in the state dict are named as well.

Loses: load: all but the head; the names that were not loaded.
Axis: structure.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    names = right(network, state, head)
    every = [name for name, _ in network.named_buffers() if name.startswith(f"{head}.")]
    return names + [name for name in every if name not in names]
