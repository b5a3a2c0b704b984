"""named_parameters() has one name for each parameter.

Loses: unknown names raise KeyError.
Axis: ties.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters(remove_duplicate=False))[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
