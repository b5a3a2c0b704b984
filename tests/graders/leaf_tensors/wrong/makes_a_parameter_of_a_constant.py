"""What has no graph can as well be a parameter, and is trained from then on.

Loses: the graph leads back to what the tensor was computed from.
Axis: graph.
"""

from torch import nn


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor if tensor.requires_grad else nn.Parameter(tensor))
