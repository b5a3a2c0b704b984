"""In a.weights.weight the name of the weight stands twice, and goes in both places.

Loses: make_meta: a copy that computes the same, and nothing shared.
Loses: make_meta: its weights take tensors with a graph.
Loses: make_meta: leaves, frozen weights and tied weights.
Axis: structure.
"""

import copy


def make_meta(module):
    meta, leaves = copy.deepcopy(module), {}
    for name, parameter in list(meta.named_parameters(remove_duplicate=False)):
        last = name.rpartition(".")[2]
        owner = meta.get_submodule(name.replace(f".{last}", "") if "." in name else "")
        leaf = parameter.detach().requires_grad_(parameter.requires_grad)
        delattr(owner, last)
        owner.register_buffer(last, leaves.setdefault(parameter, leaf))
    return meta
