"""Weights are float32, as a rule.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: dtype.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor.float())
