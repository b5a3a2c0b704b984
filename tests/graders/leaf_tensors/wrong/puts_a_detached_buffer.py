"""nn.Buffer(t) detaches as well; a buffer need not.

Loses: the graph leads back to what the tensor was computed from.
"""

from torch import nn


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    path, _, last = name.rpartition(".")
    owner = module.get_submodule(path)
    delattr(owner, last)
    setattr(owner, last, nn.Buffer(tensor))
