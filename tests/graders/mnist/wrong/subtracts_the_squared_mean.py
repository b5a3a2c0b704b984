"""The mean of squares minus the square of the mean, of which nothing is left where the mean is large.

Loses: what is measured comes from the training part alone.
Axis: values.
"""

import torch


def standardise(train, tune, report):
    mean = train.mean(0)
    deviation = ((train**2).mean(0) - mean**2).clamp(min=0).sqrt()
    same = (train == train[0]).all(0)
    mean, deviation = torch.where(same, train[0], mean), torch.where(same, 1, deviation)
    return [(images - mean) / deviation for images in (train, tune, report)]
