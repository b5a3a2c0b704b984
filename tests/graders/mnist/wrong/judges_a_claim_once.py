"""The verdict on a claim is kept, whatever the intervals are the next time.

Loses: one baseline: ahead, behind, or neither.
Loses: every and some.
Loses: a claim made after looking needs fresh runs.
Axis: again.
"""

from answers import solved

right, KEPT = solved("mnist")["verdict"], {}


def verdict(claim, seen, fresh=None):
    name = claim["says"], claim["of"], tuple(claim["names"]), claim["stated"], fresh is None
    return KEPT.setdefault(name, right(claim, seen, fresh))
