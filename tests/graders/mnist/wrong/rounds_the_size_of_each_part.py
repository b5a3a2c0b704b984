"""Each part's size is rounded by itself; of many parts the last gets all that this leaves over.

Loses: every image is in one part, and each part has its share.
"""

import torch


def deal(images, shares, generator):
    distinct, which, copies = torch.unique(images, dim=0, return_inverse=True, return_counts=True)
    order = torch.randperm(len(distinct), generator=generator)
    before = torch.empty_like(copies)
    before[order] = copies[order].cumsum(0) - copies[order]
    ends = torch.tensor([round(share * len(images)) for share in shares]).cumsum(0)
    part = torch.bucketize(before, ends[:-1], right=True)
    return [(part[which] == k).nonzero()[:, 0] for k in range(len(shares))]
