"""A second copy of a module has the tensors of the first.

Loses: make_meta: a copy that computes the same, and nothing shared.
Axis: again.
"""

import copy


def make_meta(module, leaves={}):
    meta = copy.deepcopy(module)
    for child, given in zip(meta.modules(), module.modules()):
        own = given.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().clone().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            child.register_buffer(name, leaves.setdefault(parameter, leaf))
    return meta
