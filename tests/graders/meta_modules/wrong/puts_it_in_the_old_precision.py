"""What is put is turned into the precision that stood there.

Loses: the network computes with the tensor, and its graph leads back.
Axis: dtype.
"""

from answers import solved

OWN = solved("meta_modules")


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False)).get(name, tensor)
    OWN["put_weight"](module, name, tensor.to(old.dtype))
