"""Every buffer is registered anew, and those that had no key get one.

Loses: make_meta: a copy that computes the same, and nothing shared.
Loses: make_meta: its weights take tensors with a graph.
Loses: make_meta: leaves, frozen weights and tied weights.
Axis: structure.
"""

from answers import solved

right = solved("meta_resnet")["make_meta"]


def make_meta(module):
    """A copy of a module in which every parameter has become a buffer of the same name."""
    meta = right(module)
    for child in meta.modules():
        for name, buffer in list(child.named_buffers(recurse=False)):
            delattr(child, name)
            child.register_buffer(name, buffer)
    return meta
