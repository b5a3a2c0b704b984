"""A buffer is no parameter, and can be trained all the same.

Loses: constants and leaves are told apart.
Axis: shape.
"""

from torch import nn


def kind(tensor):
    if isinstance(tensor, nn.Buffer) or not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf else "result"
