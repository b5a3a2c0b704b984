"""The variances of a and b added up.

Loses: the interval of the difference.
"""


def compare(a, b):
    def interval(z):
        half = 1.96 * z.std() / len(z) ** 0.5
        return float(z.mean() - half), float(z.mean() + half)

    def unpaired():
        half = 1.96 * ((a.var() + b.var()) / len(a)) ** 0.5
        return float((a - b).mean() - half), float((a - b).mean() + half)

    ratio = a.mean() / b.mean()
    return {
        "difference": float((a - b).mean()),
        "difference_ci95": unpaired(),
        "ratio": float(ratio),
        "ratio_ci95": interval(ratio + (a - ratio * b) / b.mean()),
        "gain": float((a.var() + b.var()) / (a - b).var()),
    }
