"""A table of zeros without a dtype.

Loses: each loss is capped at ten times its function's first.
Axis: dtype.
"""

import torch


def capped_sums(losses):
    total = torch.zeros(losses.shape[1])
    for row in losses:
        total += torch.fmin(row, 10 * losses[0])
    return total
