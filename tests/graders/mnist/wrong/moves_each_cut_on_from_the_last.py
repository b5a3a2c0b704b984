"""What a part has too much is missed by the last one, and with many parts that adds up.

Loses: every image is in one part, and each part has its share.
Axis: structure.
"""

import torch


def deal(images, shares, generator):
    _, which = torch.unique(images, dim=0, return_inverse=True)
    place = torch.randperm(int(which.max()) + 1, generator=generator)[which]
    order = place.argsort(stable=True)
    parts, start = [], 0
    for share in shares[:-1]:
        end = start + round(share * len(images))
        while end < len(images) and place[order[end]] == place[order[end - 1]]:
            end += 1
        parts.append(order[start:end])
        start = end
    return [*parts, order[start:]]
