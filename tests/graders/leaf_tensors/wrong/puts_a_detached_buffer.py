"""nn.Buffer(t) detaches as well; a buffer need not.

Loses: the graph leads back to what the tensor was computed from.
Axis: graph.
"""

from torch import nn


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in module.modules():
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, nn.Buffer(tensor))
