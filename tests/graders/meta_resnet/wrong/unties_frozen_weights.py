"""Only trainable weights stay tied.

Loses: make_meta: leaves, frozen weights and tied weights.
Axis: ties.
"""

import copy


def make_meta(module):
    meta, leaves = copy.deepcopy(module), {}
    for child in meta.modules():
        own = child.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().clone()
            if parameter.requires_grad:
                leaf = leaves.setdefault(parameter, leaf.requires_grad_())
            delattr(child, name)
            child.register_buffer(name, leaf)
    return meta
