"""It stays as it was, with its .grad.

Loses: the network computes with the tensor, and its graph leads back.
Axis: before.
"""

from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False))[name]
    PUT(module, name, tensor)
    if old.is_leaf:
        old.grad = None
