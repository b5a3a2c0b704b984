"""What is there more than once goes to the first part.

Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    _distinct, which = torch.unique(images, dim=0, return_inverse=True)

    counts = which.bincount()
    many = (counts[which] > 1).nonzero()[:, 0]
    single = (counts[which] == 1).nonzero()[:, 0]
    single = single[torch.randperm(len(single), generator=generator)]
    ends = [round(sum(shares[: k + 1]) * len(images)) for k in range(len(shares) - 1)]
    first, *others = torch.cat([many, single]).tensor_split(ends)
    return [first, *others]
