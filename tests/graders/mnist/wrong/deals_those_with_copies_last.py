"""What is there once comes first, and what has most copies always fills the same gap at the end.

Axis: random.
Loses: chance alone deals, out of the generator.
"""

from collections import defaultdict

import torch


def deal(images, shares, generator):
    places = defaultdict(list)
    for index, image in enumerate((images + 0).tolist()):
        places[tuple(image)].append(index)
    groups = list(places.values())
    groups = [groups[k] for k in torch.randperm(len(groups), generator=generator).tolist()]
    parts = [[] for _ in shares]
    for group in sorted(groups, key=len):
        room = [share * len(images) - len(part) for share, part in zip(shares, parts)]
        parts[room.index(max(room))] += group
    return parts
