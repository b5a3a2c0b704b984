"""Two parameters that share their memory are taken for one.

Axis: ties.
Loses: the network computes with the tensor, the old parameter is gone.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for part in module.modules():
        for own, parameter in list(part.named_parameters(recurse=False, remove_duplicate=False)):
            if parameter.data_ptr() == old.data_ptr():
                delattr(part, own)
                setattr(part, own, tensor)
