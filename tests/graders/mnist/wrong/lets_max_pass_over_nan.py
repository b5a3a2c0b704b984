"""The largest end of several intervals, by Python's max, which passes over NaN at some places.

Axis: values.
Loses: every and some.
"""


def verdict(claim, seen, fresh=None):
    intervals = seen if claim["stated"] == "before" else fresh
    if intervals is None:
        return "open"
    pairs = [intervals[name] for name in claim["names"]]
    if claim["says"] == "behind":
        pairs = [(-high, -low) for low, high in pairs]
    one = 1 if claim["says"] == "ahead" else -1
    lows, highs = zip(*pairs)
    if claim["of"] == "every":
        true, false = max(highs) < one, max(lows) > one
    else:
        true, false = min(highs) < one, min(lows) > one
    return "holds" if true else "does not hold" if false else "open"
