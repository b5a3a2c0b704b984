"""The old parameter's gradient is set to zero, for whoever uses it next.

Axis: before.
Loses: the network computes with the tensor, the old parameter is gone.
"""

import torch


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for owner in module.modules():
        for last, p in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if p is old:
                delattr(owner, last)
                setattr(owner, last, tensor)
    if old.grad is not None:
        old.grad = torch.zeros_like(old)
