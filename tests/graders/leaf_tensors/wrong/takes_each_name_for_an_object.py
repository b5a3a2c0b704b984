"""Each of a parameter's names is taken for an attribute of its own; one layer can have two names.

Axis: ties.
Loses: dotted names reach inner layers.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for path in [n for n, p in module.named_parameters(remove_duplicate=False) if p is old]:
        *parts, last = path.split(".")
        owner = module.get_submodule(".".join(parts))
        delattr(owner, last)
        setattr(owner, last, tensor)
