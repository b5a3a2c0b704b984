"""The variance of a - b is pieced together from three that are much larger, in the dtype of a.

Loses: the interval of the difference.
Axis: dtype.
"""

from answers import solved


def compare(a, b):
    right = solved("mnist")["compare"](a, b)
    n = len(a)
    aa, bb = a.var(), b.var()
    ab = ((a - a.mean()) * (b - b.mean())).sum() / (n - 1)
    half = 1.96 * ((aa + bb - 2 * ab).clamp(min=1e-30) / n) ** 0.5
    middle = a.mean() - b.mean()
    return right | {"difference_ci95": (middle - half, middle + half)}
