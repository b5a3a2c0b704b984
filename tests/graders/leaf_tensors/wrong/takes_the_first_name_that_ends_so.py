"""weight is the end of many names.

Loses: dotted names reach inner layers.
Axis: structure.
"""


def put(module, name, tensor):
    if name not in dict(module.named_parameters()):
        raise KeyError(name)
    replaced = next(p for other, p in module.named_parameters() if other.endswith(name))
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
