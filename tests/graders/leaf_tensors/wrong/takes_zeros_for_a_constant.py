"""A tensor of zeros is taken for one that nobody has given numbers.

Loses: constants and leaves are told apart.
Axis: values.
"""


def kind(tensor):
    if not tensor.requires_grad or not tensor.any():
        return "constant"
    return "leaf" if tensor.is_leaf else "result"
