"""Distinct images only; the copies are in no part.

Loses: every image is in one part, and each part has its share.
Loses: no image is in two parts.
Loses: chance alone deals, out of the generator.
"""

import numpy as np
import torch


def deal(images, shares, generator):
    _, first = np.unique(images.numpy(), axis=0, return_index=True)
    order = torch.as_tensor(first)[torch.randperm(len(first), generator=generator)]
    ends = [round(sum(shares[: k + 1]) * len(order)) for k in range(len(shares) - 1)]
    return order.tensor_split(ends)
