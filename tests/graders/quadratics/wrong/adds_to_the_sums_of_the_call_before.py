"""A table for each number of functions, which nobody clears.

Loses: each loss is capped at ten times its function's first.
Axis: before.
Axis: again.
"""

import torch

TABLES = {}


def capped_sums(losses):
    sums = torch.fmin(losses, 10 * losses[0]).sum(0)
    TABLES[len(sums)] = TABLES.get(len(sums), 0) + sums
    return TABLES[len(sums)]
