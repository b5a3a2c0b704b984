"""A view with gaps is written into a fresh piece of memory, which knows nothing of a graph.

Loses: the graph leads back to what the tensor was computed from.
Axis: shape.
"""

import torch


def put(module, name, tensor):
    if tensor.storage_offset() or not tensor.is_contiguous():
        tensor = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor.detach())
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
