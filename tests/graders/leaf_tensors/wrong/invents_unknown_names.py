"""Assigning makes the name where there was none.

Loses: unknown names raise KeyError.
"""


def put(module, name, tensor):
    path, _, last = name.rpartition(".")
    owner = module
    for step in path.split(".") if path else []:
        owner = getattr(owner, step)
    owner._parameters.pop(last, None)
    setattr(owner, last, tensor)
