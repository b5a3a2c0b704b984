"""Ten times the first loss, for all losses together.

Loses: each loss is capped at ten times its function's first.
Loses: NaN and infinity count as the cap, each by itself.
"""

import torch


def capped_sums(losses):
    return losses.nan_to_num(nan=torch.inf).sum(0).minimum(10 * losses[0])
