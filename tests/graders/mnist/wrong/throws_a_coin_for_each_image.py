"""Sizes vary far too much.

Loses: every image is in one part, and each part has its share.
"""

import torch


def deal(images, shares, generator):
    distinct, which = torch.unique(images, dim=0, return_inverse=True)

    coins = torch.multinomial(torch.tensor(shares), len(distinct), True, generator=generator)
    return [(coins[which] == k).nonzero()[:, 0] for k in range(len(shares))]
