"""Frozen is not gone: parameters() still returns it.

Loses: the network computes with the tensor, the old parameter is gone.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    getattr(owner, last).requires_grad_(False)
    object.__setattr__(owner, last, tensor)
