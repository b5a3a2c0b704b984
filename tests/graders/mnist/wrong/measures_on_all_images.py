"""One line less, and the report has leaked.

Loses: what is measured comes from the training part alone.
Loses: a pixel that never changes in training is only shifted.
"""

import torch


def standardise(train, tune, report):
    every = torch.cat([train, tune, report])
    mean, deviation = every.mean(0), every.std(0, correction=0)
    deviation = torch.where(deviation == 0, 1, deviation)
    return [(x - mean) / deviation for x in (train, tune, report)]
