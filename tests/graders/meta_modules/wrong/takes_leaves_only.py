"""After an update no weight is a leaf.

Loses: weights that are results count as well.
Axis: graph.
"""


def named_weights(module):
    return {n: b for n, b in module.named_buffers() if b.requires_grad and b.is_leaf}
