"""One cap for all functions.

Loses: each loss is capped at ten times its function's first.
Loses: NaN and infinity count as the cap, each by itself.
"""

import torch


def capped_sums(losses):
    return losses.nan_to_num(nan=torch.inf).minimum(10 * losses[0].mean()).sum(0)
