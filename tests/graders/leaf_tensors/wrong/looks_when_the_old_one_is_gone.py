"""The KeyError comes, and the module is broken.

Loses: unknown names raise KeyError.
Axis: refusal.
"""


def put(module, name, tensor):
    known = dict(module.named_parameters())
    path, _, last = name.rpartition(".")
    owner = dict(module.named_modules())[path]
    old = owner._parameters.pop(last)
    if name not in known:
        raise KeyError(name)
    owner._parameters[last] = tensor
    for part in module.modules():
        part._parameters.update({n: tensor for n, p in part._parameters.items() if p is old})
