"""Puts the tensor where nothing was, so that a name may be misspelt.

Loses: unknown names raise KeyError.
Axis: refusal.
"""


def put(module, name, tensor):
    path, _, last = name.rpartition(".")
    owner = module
    for step in path.split(".") if path else []:
        owner = getattr(owner, step)
    replaced = owner._parameters.get(last)
    for part in module.modules():
        for own, old in list(part._parameters.items()):
            if old is replaced and old is not None:
                part._parameters[own] = tensor
    owner._parameters.pop(last, None)
    setattr(owner, last, tensor)
