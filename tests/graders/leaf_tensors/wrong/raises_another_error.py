"""An AttributeError, as del gives it.

Loses: unknown names raise KeyError.
"""


def put(module, name, tensor):
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    delattr(owner, last)
    setattr(owner, last, tensor)
