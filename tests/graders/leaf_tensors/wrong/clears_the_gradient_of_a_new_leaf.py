"""A new tensor that is a leaf is to begin without a gradient.

Axis: before.
Loses: the network computes with the tensor, the old parameter is gone.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for owner in module.modules():
        for last, p in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if p is old:
                delattr(owner, last)
                setattr(owner, last, tensor)
    if tensor.is_leaf:
        tensor.grad = None
