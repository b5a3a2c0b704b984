"""The dot in the head's name stands for any character.

Loses: load: all but the head; the names that were not loaded.
Axis: structure.
"""

import re

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    own = network.state_dict()
    taken = {name: own[name].clone() for name in own if re.match(head + r"\.", name)}
    right(network, state, head)
    for name, tensor in taken.items():
        own[name].copy_(tensor)
    return list(taken)
