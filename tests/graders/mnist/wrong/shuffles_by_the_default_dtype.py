"""Normal numbers put the images in order; they are others where the default dtype is float64.

Axis: dtype.
Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    distinct, which, copies = torch.unique(images, dim=0, return_inverse=True, return_counts=True)
    order = torch.randn(len(distinct), generator=generator).sort().indices
    middle = torch.empty(len(distinct), dtype=torch.float64)
    middle[order] = copies[order].cumsum(0).double()
    ends = torch.tensor(shares, dtype=torch.float64).cumsum(0) * len(images)
    part = torch.bucketize(middle - 1, ends[:-1])
    return [(part[which] == k).nonzero()[:, 0] for k in range(len(shares))]
