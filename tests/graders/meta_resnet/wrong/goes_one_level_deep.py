"""Children have children.

Loses: make_meta: a copy that computes the same, and nothing shared.
Loses: make_meta: its weights take tensors with a graph.
Loses: make_meta: leaves, frozen weights and tied weights.
Axis: structure.
"""

import copy


def make_meta(module):
    """A copy of a module in which every parameter has become a buffer of the same name."""
    meta, leaves = copy.deepcopy(module), {}
    for child in [meta, *meta.children()]:
        own = child.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            child.register_buffer(name, leaves.setdefault(parameter, leaf))
    return meta
