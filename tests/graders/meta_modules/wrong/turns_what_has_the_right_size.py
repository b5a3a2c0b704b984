"""Twelve numbers are no 4 x 3 matrix.

Loses: a wrong shape raises ValueError, and nothing changes.
Axis: shape.
"""

from answers import solved

PUT = solved("meta_modules")["put_weight"]


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False)).get(name)
    if old is not None and old.numel() == tensor.numel():
        tensor = tensor if tensor.shape == old.shape else tensor.reshape(old.shape)
    PUT(module, name, tensor)
