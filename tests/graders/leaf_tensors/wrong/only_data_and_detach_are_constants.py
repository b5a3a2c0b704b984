"""A parameter is taken for trainable, also when it is frozen.

Loses: constants and leaves are told apart.
Axis: ties.
"""

from torch import nn


def kind(tensor):
    if isinstance(tensor, nn.Parameter):
        return "leaf"
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.is_leaf else "result"
