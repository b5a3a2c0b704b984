"""Where 95 % of the runs lie.

Loses: the interval of the difference.
Loses: the interval of the ratio.
"""


def compare(a, b):
    def interval(z):
        return float(z.quantile(0.025)), float(z.quantile(0.975))

    ratio = a.mean() / b.mean()
    return {
        "difference": float((a - b).mean()),
        "difference_ci95": interval(a - b),
        "ratio": float(ratio),
        "ratio_ci95": interval(ratio + (a - ratio * b) / b.mean()),
        "gain": float((a.var() + b.var()) / (a - b).var()),
    }
