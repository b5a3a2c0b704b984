"""A list of parameters makes a parameter of what is assigned to it.

Axis: structure.
Loses: dotted names reach inner layers.
"""

from torch import nn


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for part in module.modules():
        for own, parameter in list(part.named_parameters(recurse=False, remove_duplicate=False)):
            if parameter is not old:
                continue
            if isinstance(part, nn.ParameterList):
                part[int(own)] = tensor
            elif isinstance(part, nn.ParameterDict):
                part[own] = tensor
            else:
                delattr(part, own)
                setattr(part, own, tensor)
