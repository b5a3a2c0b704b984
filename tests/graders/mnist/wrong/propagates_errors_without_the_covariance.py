"""Relative errors added in squares.

Loses: the interval of the ratio.
"""


def compare(a, b):
    def interval(z):
        half = 1.96 * z.std() / len(z) ** 0.5
        return float(z.mean() - half), float(z.mean() + half)

    ratio = a.mean() / b.mean()
    relative = a.var() / a.mean() ** 2 + b.var() / b.mean() ** 2
    half = 1.96 * ratio * (relative / len(a)) ** 0.5
    return {
        "difference": float((a - b).mean()),
        "difference_ci95": interval(a - b),
        "ratio": float(ratio),
        "ratio_ci95": (float(ratio - half), float(ratio + half)),
        "gain": float((a.var() + b.var()) / (a - b).var()),
    }
