"""state_dict() knows buffers as well.

Loses: unknown names raise KeyError.
"""


def put(module, name, tensor):
    if name not in module.state_dict():
        raise KeyError(name)
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    delattr(owner, last)
    setattr(owner, last, tensor)
