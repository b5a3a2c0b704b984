"""The tensor is brought to the dtype of the parameter that it replaces.

Axis: dtype.
Loses: the network computes with the tensor, the old parameter is gone.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for part in module.modules():
        for last in [n for n, p in part._parameters.items() if p is old]:
            del part._parameters[last]
            setattr(part, last, tensor.type_as(old))
