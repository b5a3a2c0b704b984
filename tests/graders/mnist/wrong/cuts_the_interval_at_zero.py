"""No ratio is below 0, and so no end of its interval is, it thinks.

Loses: the interval of the ratio.
Axis: values.
"""

from answers import solved

right = solved("mnist")["compare"]


def compare(a, b):
    found = right(a, b)
    low, high = found["ratio_ci95"]
    return found | {"ratio_ci95": (max(low, 0.0), high)}
