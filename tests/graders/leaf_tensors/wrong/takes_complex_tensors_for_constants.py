"""Complex numbers are no floating point numbers, but they have gradients.

Loses: constants and leaves are told apart.
Axis: dtype.
"""


def kind(tensor):
    if not (tensor.requires_grad and tensor.is_floating_point()):
        return "constant"
    return "leaf" if tensor.grad_fn is None else "result"
