"""The caps of a tensor are looked up by the tensor, whatever stands in it by now.

Loses: each loss is capped at ten times its function's first.
Axis: again.
"""

import torch

CAPS = {}


def capped_sums(losses):
    if id(losses) not in CAPS:
        CAPS[id(losses)] = losses, 10 * losses[0]
    return torch.fmin(losses, CAPS[id(losses)][1]).sum(0)
