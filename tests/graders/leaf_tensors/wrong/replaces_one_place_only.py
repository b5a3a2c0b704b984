"""In its other places the parameter is still the old one.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: ties.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    delattr(owner, last)
    setattr(owner, last, tensor)
