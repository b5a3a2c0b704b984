"""The other parameters become plain tensors as well.

Loses: the network computes with the tensor, the old parameter is gone.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    for other, value in dict(module.named_parameters()).items():
        path, _, last = other.rpartition(".")
        owner = module.get_submodule(path)
        delattr(owner, last)
        setattr(owner, last, tensor if other == name else value.clone())
