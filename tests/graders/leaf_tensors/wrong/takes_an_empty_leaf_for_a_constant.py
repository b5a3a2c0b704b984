"""A tensor without numbers can require a gradient.

Loses: constants and leaves are told apart.
Axis: shape.
"""


def kind(tensor):
    if not tensor.requires_grad or len(tensor.reshape(-1)) == 0:
        return "constant"
    return "leaf" if tensor.is_leaf else "result"
