"""nansum, and infinity turned into NaN before.

Loses: NaN and infinity count as the cap, each by itself.
"""

import torch


def capped_sums(losses):
    losses = torch.where(losses.isinf(), torch.nan, losses)
    return losses.minimum(10 * losses[0]).nansum(0)
