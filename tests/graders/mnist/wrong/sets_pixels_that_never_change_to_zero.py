"""In the other parts they do change.

Loses: a pixel that never changes in training is only shifted.
"""

import torch


def standardise(train, tune, report):
    deviation = train.std(0, correction=0)
    alive = deviation > 0
    deviation = torch.where(alive, deviation, 1)
    return [(x - train.mean(0)) / deviation * alive for x in (train, tune, report)]
