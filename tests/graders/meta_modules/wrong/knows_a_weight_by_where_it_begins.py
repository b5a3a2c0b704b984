"""Two tensors that begin at one place of a storage, and have one shape, count as tied.

Loses: a tied weight comes once, under the first of its names.
Axis: shape.
"""


def named_weights(module):
    first = {}
    for name, buffer in module.named_buffers(remove_duplicate=False):
        storage = buffer.untyped_storage().data_ptr(), buffer.storage_offset()
        if buffer.requires_grad:
            first.setdefault((storage, buffer.size(), buffer.stride()), (name, buffer))
    return dict(first.values())
