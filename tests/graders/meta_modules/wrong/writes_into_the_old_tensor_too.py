"""The numbers also go into the tensor that was there, which an earlier step may need.

Loses: the network computes with the tensor, and its graph leads back.
Axis: behind.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    old.data.copy_(tensor)
    for place in [n for n, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
