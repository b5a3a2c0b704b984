"""The variance of the ratio is pieced together from three terms, which cancel in float32.

Loses: the interval of the ratio.
Axis: dtype.
"""

from answers import solved


def compare(a, b):
    right = solved("mnist")["compare"](a, b)
    n, ratio = len(a), a.mean() / b.mean()
    aa, bb = a.var(), b.var()
    ab = ((a - a.mean()) * (b - b.mean())).sum() / (n - 1)
    variance = (aa - 2 * ratio * ab + ratio**2 * bb).clamp(min=1e-30) / b.mean() ** 2
    half = 1.96 * (variance / n) ** 0.5
    return right | {"ratio_ci95": (ratio - half, ratio + half)}
