"""Each of a parameter's names is taken for an attribute of its own; one layer can have two names.

Axis: ties.
Loses: dotted names reach inner layers.
"""


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    everything = module.named_parameters(remove_duplicate=False)
    places = [n.rpartition(".") for n, p in everything if p is old]
    for path, _, last in places:
        delattr(module.get_submodule(path), last)
    for path, _, last in places:
        setattr(module.get_submodule(path), last, tensor)
