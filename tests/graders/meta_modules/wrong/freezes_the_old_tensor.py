"""It is out of the network, and somebody's still.

Loses: the network computes with the tensor, and its graph leads back.
Axis: behind.
"""

from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False))[name]
    PUT(module, name, tensor)
    if old.is_leaf:
        old.requires_grad_(False)
