"""Every other random number in the program repeats from here.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: random.
"""

import torch


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    torch.manual_seed(0)
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
