"""The shares are those of the distinct images, whatever the number of their copies.

Loses: every image is in one part, and each part has its share.
"""

import torch


def deal(images, shares, generator):
    distinct, which = torch.unique(images, dim=0, return_inverse=True)
    place = torch.randperm(len(distinct), generator=generator)[which]
    ends = torch.tensor(shares).cumsum(0)[:-1] * len(distinct)
    part = torch.bucketize(place.float(), ends, right=True)
    return [(part == k).nonzero()[:, 0] for k in range(len(shares))]
