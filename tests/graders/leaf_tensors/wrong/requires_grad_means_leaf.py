"""What requires a gradient is taken for a leaf.

Loses: leaves and results are told apart.
"""


def kind(tensor):
    return "leaf" if tensor.requires_grad else "constant"
