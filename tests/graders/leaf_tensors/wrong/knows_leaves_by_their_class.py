"""What is no nn.Parameter is no leaf.

Loses: constants and leaves are told apart.
Loses: leaves and results are told apart.
Told: nn.Parameter is one way to make a leaf.
Axis: graph.
"""

from torch import nn


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if isinstance(tensor, nn.Parameter) and tensor.is_leaf else "result"
