"""A state dict in float64 loses half of its digits.

Loses: load: all but the head; the names that were not loaded.
Axis: dtype.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    state = {n: t.float() if t.is_floating_point() else t for n, t in state.items()}
    return right(network, state, head)
