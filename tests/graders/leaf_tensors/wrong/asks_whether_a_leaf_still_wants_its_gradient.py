"""A result counts while some leaf of its graph is trainable.

Axis: graph.
Loses: leaves and results are told apart.
"""


def wanted(node, seen):
    if node is None or node in seen:
        return False
    seen.add(node)
    leaf = getattr(node, "variable", None)
    if leaf is not None and leaf.requires_grad:
        return True
    return any(wanted(parent, seen) for parent, _ in node.next_functions)


def kind(tensor):
    if tensor.grad_fn is None:
        return "leaf" if tensor.requires_grad else "constant"
    return "result" if wanted(tensor.grad_fn, set()) else "constant"
