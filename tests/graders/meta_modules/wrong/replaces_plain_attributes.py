"""getattr finds more than buffers.

Loses: unknown names raise KeyError, and nothing changes.
Axis: refusal.
"""

import torch
from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    path, _, last = name.rpartition(".")
    try:
        owner = module.get_submodule(path)
        old = vars(owner).get(last)
    except AttributeError:
        raise KeyError(name) from None
    if isinstance(old, torch.Tensor) and old.requires_grad:
        setattr(owner, last, tensor)
    else:
        PUT(module, name, tensor)
