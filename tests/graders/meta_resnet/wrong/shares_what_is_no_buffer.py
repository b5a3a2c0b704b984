"""A tensor that is a plain attribute is the given module's own.

Loses: make_meta: a copy that computes the same, and nothing shared.
Axis: structure.
"""

import torch
from answers import solved

right = solved("meta_resnet")["make_meta"]


def make_meta(module):
    meta = right(module)
    for child, given in zip(meta.modules(), module.modules()):
        for name, value in vars(given).items():
            if isinstance(value, torch.Tensor):
                setattr(child, name, value)
    return meta
