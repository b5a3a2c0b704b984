"""retain_grad() tells leaves from results, and the result keeps its gradient ever after.

Loses: leaves and results are told apart.
Axis: behind.
"""


def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    tensor.retain_grad()  # does nothing to a leaf
    return "result" if tensor.retains_grad else "leaf"
