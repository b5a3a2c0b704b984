"""Each index once, copies or not.

Loses: no image is in two parts.
"""

import torch


def deal(images, shares, generator):
    order = torch.randperm(len(images), generator=generator)
    ends = [round(sum(shares[: k + 1]) * len(images)) for k in range(len(shares) - 1)]
    return order.tensor_split(ends)
