"""One quantifier.

Loses: every and some.
"""


def verdict(claim, seen, fresh=None):
    intervals = seen if claim["stated"] == "before" else fresh
    if intervals is None:
        return "open"
    below = [intervals[name][1] < 1 for name in claim["names"]]
    above = [intervals[name][0] > 1 for name in claim["names"]]
    true, false = (below, above) if claim["says"] == "ahead" else (above, below)
    surely, never = all(true), any(false)
    return "holds" if surely else "does not hold" if never else "open"
