"""Inside a module, named_buffers() gives a tied tensor once.

Loses: tied weights stay tied, whichever name is given.
Axis: ties.
"""


def put_weight(module, name, tensor):
    old = dict(module.named_buffers(remove_duplicate=False))[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(name)
    for owner in module.modules():
        for last, buffer in list(owner.named_buffers(recurse=False)):
            if buffer is old:
                setattr(owner, last, tensor)
    path, _, last = name.rpartition(".")
    setattr(module.get_submodule(path), last, tensor)
