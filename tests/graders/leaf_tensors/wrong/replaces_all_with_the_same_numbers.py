"""Two layers that begin with zeros are still two.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: values.
"""

import torch


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if torch.equal(old, replaced):
                delattr(owner, last)
                setattr(owner, last, tensor)
