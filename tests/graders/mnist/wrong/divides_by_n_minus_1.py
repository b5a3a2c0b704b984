"""torch's default.

Loses: what is measured comes from the training part alone.
Loses: a pixel that never changes in training is only shifted.
"""

import torch


def standardise(train, tune, report):
    deviation = train.std(0)
    deviation = torch.where(deviation == 0, 1, deviation)
    return [(x - train.mean(0)) / deviation for x in (train, tune, report)]
