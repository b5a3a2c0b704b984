"""The gradients of the other parameters are somebody's.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: before.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    module.zero_grad()
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
