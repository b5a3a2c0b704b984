"""Parts of a size that was there before are written into the tensors of that time.

Axis: again.
Loses: what is measured comes from the training part alone.
"""

import torch

PLACES = {}


def standardise(train, tune, report):
    mean, spread = train.mean(0), train.std(0, correction=0)
    spread[(train == train[0]).all(0)] = 1
    found = []
    for name, images in (("train", train), ("tune", tune), ("report", report)):
        key = name, images.shape, images.dtype
        place = PLACES.setdefault(key, torch.empty_like(images))
        found.append(torch.div(images - mean, spread, out=place))
    return found
