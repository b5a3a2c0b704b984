"""Weights of equal numbers are taken for one.

Loses: make_meta: leaves, frozen weights and tied weights.
Axis: values.
"""

import copy

import torch


def make_meta(module):
    """A copy of a module in which every parameter has become a buffer of the same name."""
    meta, leaves = copy.deepcopy(module), {}
    for child in meta.modules():
        own = child.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            leaves[name] = leaf
            child.register_buffer(
                name, next((o for o in leaves.values() if torch.equal(o, leaf)), leaf)
            )
    return meta
