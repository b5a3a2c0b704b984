"""Under no_grad() a copy has no graph.

Loses: the graph leads back to what the tensor was computed from.
Axis: mode.
"""


def put(module, name, tensor):
    replaced = dict(module.named_parameters())[name]
    for owner in list(module.modules()):
        for last, old in list(owner.named_parameters(recurse=False, remove_duplicate=False)):
            if old is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor.clone())
