"""After retain_grad() a result has a .grad, too.

Loses: leaves and results are told apart.
Axis: before.
"""


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf or tensor.retains_grad else "result"
