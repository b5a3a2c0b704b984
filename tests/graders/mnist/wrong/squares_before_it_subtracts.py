"""The mean of squares minus the squared mean, of which nothing is left where sums are large.

Loses: the interval of the difference.
Axis: values.
"""


def compare(a, b):
    n = len(a)

    def variance(z):
        return ((z**2).mean() - z.mean() ** 2).clamp(min=0) * n / (n - 1)

    def interval(z):
        half = 1.96 * (variance(z) / n).sqrt()
        return z.mean() - half, z.mean() + half

    covariance = ((a * b).mean() - a.mean() * b.mean()) * n / (n - 1)
    apart, ratio = variance(a) + variance(b) - 2 * covariance, a.mean() / b.mean()
    middle, half = a.mean() - b.mean(), 1.96 * (apart.clamp(min=0) / n).sqrt()
    return {
        "difference": middle,
        "difference_ci95": (middle - half, middle + half),
        "ratio": ratio,
        "ratio_ci95": interval(ratio + (a - ratio * b) / b.mean()),
        "gain": (variance(a) + variance(b)) / variance(a - b),
    }
