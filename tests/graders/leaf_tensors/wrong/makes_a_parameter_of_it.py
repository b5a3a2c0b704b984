"""nn.Parameter(t) is a new leaf with the numbers of t.

Loses: the graph leads back to what the tensor was computed from.
Axis: graph.
"""

from torch import nn


def put(module, name, tensor):
    replaced, new = dict(module.named_parameters())[name], nn.Parameter(tensor)
    for owner in module.modules():
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                setattr(owner, last, new)
