"""nn.Linear(bias=False) keeps the name, with None behind it.

Loses: unknown names raise KeyError.
"""


def put(module, name, tensor):
    path, _, last = name.rpartition(".")
    try:
        owner = module.get_submodule(path)
    except AttributeError:
        raise KeyError(name)
    if last not in owner._parameters:
        raise KeyError(name)
    owner._parameters[last] = tensor
