"""Ties that were made since are not among them.

Loses: tied weights stay tied, whichever name is given.
Axis: again.
"""

from weakref import WeakKeyDictionary

MET = WeakKeyDictionary()


def put_weight(module, name, tensor):
    buffers = dict(module.named_buffers(remove_duplicate=False))
    if module not in MET:
        MET[module] = {n: [o for o in buffers if buffers[o] is b] for n, b in buffers.items()}
    if not buffers[name].requires_grad:
        raise KeyError(name)
    if tensor.shape != buffers[name].shape:
        raise ValueError(name)
    for place in MET[module][name]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
