"""The first name gets the first interval, whoever it belongs to.

Loses: one baseline: ahead, behind, or neither.
Loses: every and some.
Loses: a claim made after looking needs fresh runs.
Axis: shape.
"""

from answers import solved

right = solved("mnist")["verdict"]


def verdict(claim, seen, fresh=None):
    def in_place(intervals):
        return intervals and dict(zip(claim["names"], intervals.values(), strict=False))

    return right(claim, in_place(seen), in_place(fresh))
