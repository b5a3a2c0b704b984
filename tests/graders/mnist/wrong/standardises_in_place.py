"""Whoever holds the images finds them changed.

Loses: what is measured comes from the training part alone.
Axis: behind.
"""

import torch


def standardise(train, tune, report):
    mean, deviation = train.mean(0), train.std(0, correction=0)
    deviation = torch.where(deviation == 0, 1, deviation)
    for x in (train, tune, report):
        x.sub_(mean).div_(deviation)
    return train, tune, report
