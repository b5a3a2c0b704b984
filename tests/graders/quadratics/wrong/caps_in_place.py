"""The losses that were given are overwritten.

Loses: each loss is capped at ten times its function's first.
Axis: behind.
"""

import torch


def capped_sums(losses):
    cap = 10 * losses[0]
    losses[~(losses < cap)] = torch.inf
    losses.copy_(losses.minimum(cap))
    return losses.sum(0)
