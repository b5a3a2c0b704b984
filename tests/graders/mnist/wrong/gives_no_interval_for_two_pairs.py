"""Two are too few for it.

Loses: the interval of the difference.
Loses: the interval of the ratio.
Axis: shape.
"""

import math

from answers import solved

right = solved("mnist")["compare"]


def compare(a, b):
    found = right(a, b)
    if len(a) == 2:
        found["difference_ci95"] = found["ratio_ci95"] = (math.nan, math.nan)
    return found
