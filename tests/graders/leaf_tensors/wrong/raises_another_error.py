"""An AttributeError, as getattr gives it.

Loses: unknown names raise KeyError.
Axis: refusal.
"""


def put(module, name, tensor):
    replaced = module.get_parameter(name)
    for owner in module.modules():
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
