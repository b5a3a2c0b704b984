"""It raises, and the tensor is already there.

Loses: a wrong shape raises ValueError, and nothing changes.
Axis: refusal.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    for place in [n for n, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
    if tensor.shape != old.shape:
        raise ValueError(name)
