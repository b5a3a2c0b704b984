"""Cut at a random place; neighbours stay together.

Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    distinct, which = torch.unique(images, dim=0, return_inverse=True)

    place = {}
    order = torch.tensor([place.setdefault(k, len(place)) for k in which.tolist()])
    shift = int(torch.randint(len(distinct), (), generator=generator))
    order = (order + shift) % len(distinct)
    before = order.bincount().cumsum(0)[order] - order.bincount()[order]  # images, not numbers
    ends = torch.tensor(shares).cumsum(0)[:-1] * len(images)
    part = torch.bucketize(before.float(), ends, right=True)
    return [(part == k).nonzero()[:, 0] for k in range(len(shares))]
