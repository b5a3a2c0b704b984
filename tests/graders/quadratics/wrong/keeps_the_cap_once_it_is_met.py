"""After the cap was met all later losses count as the cap.

Loses: each loss is capped at ten times its function's first.
Loses: NaN and infinity count as the cap, each by itself.
Axis: time.
"""

import torch


def capped_sums(losses):
    losses, cap = losses.nan_to_num(nan=torch.inf), 10 * losses[0]
    met = (losses > cap).cumsum(0) > 0
    return torch.where(met, cap, losses).sum(0)
