"""n for its root.

Loses: the interval of the difference.
"""


def compare(a, b):
    def interval(z):
        half = 1.96 * z.std() / len(z)
        return float(z.mean() - half), float(z.mean() + half)

    ratio = a.mean() / b.mean()
    return {
        "difference": float((a - b).mean()),
        "difference_ci95": interval(a - b),
        "ratio": float(ratio),
        "ratio_ci95": interval(ratio + (a - ratio * b) / b.mean()),
        "gain": float((a.var() + b.var()) / (a - b).var()),
    }
