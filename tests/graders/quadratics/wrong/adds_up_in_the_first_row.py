"""total = losses[0] is no copy, and += writes into it.

Loses: each loss is capped at ten times its function's first.
Axis: behind.
"""

import torch


def capped_sums(losses):
    cap, total = 10 * losses[0], losses[0]
    for row in losses[1:]:
        total += torch.fmin(row, cap)
    return total
