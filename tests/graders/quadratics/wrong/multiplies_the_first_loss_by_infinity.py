"""Where the first loss is 0, that is NaN again.

Loses: NaN and infinity count as the cap, each by itself.
Axis: values.
"""

import math

import torch


def capped_sums(losses):
    known = torch.where(losses.isfinite(), losses, math.inf * losses[0])
    return known.minimum(10 * losses[0]).sum(0)
