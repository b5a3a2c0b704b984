"""Twenty images at a time, each round spread over all parts.

Axis: random.
Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    images = images + 0
    groups = {}
    for index, image in enumerate(images.numpy()):
        groups.setdefault(bytes(image), []).append(index)
    groups = list(groups.values())
    order = []  # distinct images, spread over [0, 1)
    where = []
    for start in range(0, len(groups), 20):
        few = groups[start : start + 20]
        shuffled = torch.randperm(len(few), generator=generator).tolist()
        shift = torch.rand(1, generator=generator, dtype=torch.float64).item()
        order += few
        where += [(place + shift) / len(few) for place in shuffled]
    ranked = sorted(range(len(order)), key=where.__getitem__)
    bounds = torch.tensor(shares, dtype=torch.float64).cumsum(0)[:-1].tolist()
    parts, done = [[] for _ in shares], 0
    for each in ranked:
        middle = (done + len(order[each]) / 2) / len(images)
        parts[sum(middle >= bound for bound in bounds)] += order[each]
        done += len(order[each])
    return parts
