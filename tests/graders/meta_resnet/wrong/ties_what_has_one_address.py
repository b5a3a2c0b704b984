"""Tensors without entries all have the address 0 and become one.

Loses: make_meta: a copy that computes the same, and nothing shared.
Loses: make_meta: leaves, frozen weights and tied weights.
Axis: ties.
"""

import copy


def make_meta(module):
    meta, leaves = copy.deepcopy(module), {}
    for child in meta.modules():
        own = child.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            child.register_buffer(name, leaves.setdefault(parameter.data_ptr(), leaf))
    return meta
