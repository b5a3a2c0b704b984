"""Equal numbers do not make one tensor.

Loses: the network computes with the tensor, and its graph leads back.
Axis: values.
"""

import torch


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for place in [n for n, buffer in buffers.items() if torch.equal(buffer, old)]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
