"""The numbers are the same, and the graph is another one.

Loses: the network computes with the tensor, and its graph leads back.
Axis: values.
"""

import torch
from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False)).get(name)
    if old is None or not torch.equal(old, tensor):
        PUT(module, name, tensor)
