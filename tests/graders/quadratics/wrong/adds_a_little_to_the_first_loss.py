"""1e-8 against a division by zero; some functions are smaller than that.

Loses: each loss is capped at ten times its function's first.
Axis: values.
"""

import torch


def capped_sums(losses):
    first = losses[0] + 1e-8
    return (torch.fmin(losses / first, torch.tensor(10.0)) * first).sum(0)
