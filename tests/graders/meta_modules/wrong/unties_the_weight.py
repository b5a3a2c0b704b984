"""The original code did: the tensor goes where the name says, and nowhere else.

Loses: tied weights stay tied, whichever name is given.
Axis: ties.
"""


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for place in [n for n, buffer in buffers.items() if n == name]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
