"""A tensor that shares memory with a leaf is taken for the leaf.

Loses: leaves and results are told apart.
Axis: graph.
"""


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf or tensor._base is not None else "result"
