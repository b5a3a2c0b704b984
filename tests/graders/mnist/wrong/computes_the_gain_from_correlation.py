"""1 / (1 - correlation), which holds for equal variances only.

Loses: what pairing buys.
"""

import torch


def compare(a, b):
    def interval(z):
        half = 1.96 * z.std() / len(z) ** 0.5
        return float(z.mean() - half), float(z.mean() + half)

    ratio = a.mean() / b.mean()
    return {
        "difference": float((a - b).mean()),
        "difference_ci95": interval(a - b),
        "ratio": float(ratio),
        "ratio_ci95": interval(ratio + (a - ratio * b) / b.mean()),
        "gain": float(1 / (1 - torch.corrcoef(torch.stack([a, b]))[0, 1])),
    }
