"""A cache gives the answer of the first time, when the tensor may have changed.

Loses: constants and leaves are told apart.
Axis: again.
"""

from functools import cache


@cache
def kind(tensor):
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.grad_fn is None else "result"
