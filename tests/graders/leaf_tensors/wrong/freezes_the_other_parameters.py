"""requires_grad_(False) on the module, to get at the weight.

Loses: the network computes with the tensor, the old parameter is gone.
Axis: behind.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    module.requires_grad_(False)
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    delattr(owner, last)
    setattr(owner, last, tensor)
