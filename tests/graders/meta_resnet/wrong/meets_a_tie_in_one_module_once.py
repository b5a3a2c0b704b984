"""A parameter that stands twice in one module is converted once.

Loses: make_meta: leaves, frozen weights and tied weights.
Told: a tied parameter may have two names in one module.
Axis: ties.
"""

import copy


def make_meta(module):
    """A copy of a module in which every parameter has become a buffer of the same name."""
    meta, leaves = copy.deepcopy(module), {}
    for child in meta.modules():
        own = child.named_parameters(recurse=False)
        for name, parameter in list(own):
            leaf = parameter.detach().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            child.register_buffer(name, leaves.setdefault(parameter, leaf))
    return meta
