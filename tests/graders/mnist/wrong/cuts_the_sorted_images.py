"""Copies stay together, but dark images train and light ones report.

Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    _distinct, which = torch.unique(images, dim=0, return_inverse=True)

    order = which.argsort(stable=True)
    parts, start = [], 0
    for k in range(len(shares)):
        end = round(sum(shares[: k + 1]) * len(images))
        while 0 < end < len(images) and which[order[end]] == which[order[end - 1]]:
            end += 1
        parts.append(order[start:end])
        start = end
    return parts
