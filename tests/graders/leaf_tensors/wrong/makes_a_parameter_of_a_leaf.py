"""A leaf has no graph behind it, but somebody wants its gradient.

Loses: the graph leads back to what the tensor was computed from.
Axis: graph.
"""

from torch import nn


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    new = nn.Parameter(tensor) if tensor.is_leaf else tensor
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, new)
