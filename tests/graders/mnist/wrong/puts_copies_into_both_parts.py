"""Every part gets the indices of its images, and of some of the next.

Loses: every image is in one part, and each part has its share.
Loses: no image is in two parts.
Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    order = torch.randperm(len(images), generator=generator)
    ends = [round(sum(shares[: k + 1]) * len(images)) for k in range(len(shares))]
    return [order[max(0, b - round(s * len(images)) - 1) : b] for s, b in zip(shares, ends)]
