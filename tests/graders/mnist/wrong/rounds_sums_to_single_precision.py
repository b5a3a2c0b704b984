"""Sums of ten million that differ by hundredths become the same.

Loses: the difference and the ratio of the means.
Axis: dtype.
"""

from answers import solved

right = solved("mnist")["compare"]


def compare(a, b):
    return right(a.float(), b.float())
