"""Looks for the parameter in all parts, and finds it once in each.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: ties.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in module.modules():
        for last, old in list(owner.named_parameters(recurse=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
