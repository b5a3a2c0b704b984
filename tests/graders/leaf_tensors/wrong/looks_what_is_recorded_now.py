"""Under no_grad() nothing is recorded, and every tensor is taken for a constant.

Loses: constants and leaves are told apart.
Axis: mode.
"""


def kind(tensor):
    if not (1 * tensor).requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf else "result"
