"""An interval that begins at minus infinity allows nothing, it thinks.

Loses: one baseline: ahead, behind, or neither.
Axis: values.
"""

import math

from answers import solved

right = solved("mnist")["verdict"]


def verdict(claim, seen, fresh=None):
    def bounded(intervals):
        return intervals and {
            name: (math.nan, math.nan) if low == -math.inf else (low, high)
            for name, (low, high) in intervals.items()
        }

    return right(claim, bounded(seen), bounded(fresh))
