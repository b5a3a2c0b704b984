"""Works for the layer itself only.

Loses: dotted names reach inner layers.
Axis: structure.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    if "." in name:
        setattr(module, name.replace(".", "_"), tensor)
        return
    for owner in module.modules():
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
