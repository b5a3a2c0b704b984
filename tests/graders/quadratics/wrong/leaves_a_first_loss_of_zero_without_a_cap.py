"""Ten times nothing is a cap as well.

Loses: each loss is capped at ten times its function's first.
Axis: values.
"""

import torch


def capped_sums(losses):
    cap = torch.where(losses[0] > 0, 10 * losses[0], torch.inf)
    return torch.fmin(losses, cap).sum(0)
