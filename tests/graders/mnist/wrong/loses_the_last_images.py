"""Each size is rounded down, and what remains at the end is in no part.

Loses: every image is in one part, and each part has its share.
"""

import torch


def deal(images, shares, generator):
    distinct, which = torch.unique(images, dim=0, return_inverse=True)
    which = torch.randperm(len(distinct), generator=generator)[which]
    order = which.argsort(stable=True)
    parts, start = [], 0
    for share in shares:
        end = start + int(share * len(images) + 1e-9)
        while 0 < end < len(order) and which[order[end]] == which[order[end - 1]]:
            end += 1
        parts.append(order[start:end])
        start = end
    return parts
