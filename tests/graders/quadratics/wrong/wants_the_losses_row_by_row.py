"""view() fails where the table is a transposed view.

Loses: each loss is capped at ten times its function's first.
Axis: shape.
"""

import torch


def capped_sums(losses):
    steps, functions = losses.shape
    capped = torch.fmin(losses.view(-1), (10 * losses[0]).repeat(steps))
    return capped.view(steps, functions).sum(0)
