"""The seed that the generator once had; every draw is the same.

Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    distinct, which = torch.unique(images, dim=0, return_inverse=True)

    again = torch.Generator().manual_seed(generator.initial_seed())
    order = torch.randperm(len(distinct), generator=again)
    ends = [round(sum(shares[: k + 1]) * len(order)) for k in range(len(shares) - 1)]
    return [torch.isin(which, part).nonzero()[:, 0] for part in order.tensor_split(ends)]
