"""Behind is judged as ahead with 1 / high and 1 / low, which fails below 0.

Axis: values.
Loses: one baseline: ahead, behind, or neither.
"""

import math


def over(end):
    return 1 / end if end else math.inf


def verdict(claim, seen, fresh=None):
    intervals = seen if claim["stated"] == "before" else fresh
    if intervals is None:
        return "open"
    facts = []
    for name in claim["names"]:
        low, high = intervals[name]
        if claim["says"] == "behind":
            low, high = over(high), over(low)
        facts.append(True if high < 1 else False if low > 1 else None)
    if claim["of"] == "every":
        return "holds" if all(facts) else "does not hold" if False in facts else "open"
    return "holds" if True in facts else "open" if None in facts else "does not hold"
