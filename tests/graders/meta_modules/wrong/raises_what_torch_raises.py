"""get_submodule raises AttributeError.

Loses: unknown names raise KeyError, and nothing changes.
Axis: refusal.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    path, _, last = name.rpartition(".")
    old = getattr(module.get_submodule(path), last)
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for place in [n for n, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
