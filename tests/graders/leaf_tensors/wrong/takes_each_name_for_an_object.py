"""Each of a parameter's names is taken for an attribute of its own; one layer can have two names.

Axis: ties.
Loses: dotted names reach inner layers.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for path in [n for n, p in module.named_parameters(remove_duplicate=False) if p is old]:
        *parts, last = path.split(".")
        delattr(module.get_submodule(".".join(parts)), last)
    for owner_name, owner in module.named_modules():
        for path in [name]:
            if path.rpartition(".")[0] == owner_name:
                setattr(owner, path.rpartition(".")[2], tensor)
