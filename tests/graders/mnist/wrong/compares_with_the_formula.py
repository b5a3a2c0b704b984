"""The formula is computed again, and must agree to six digits.

Axis: dtype.
Loses: intervals that cover pass the test, and plainly wrong ones do not.
Loses: nor do intervals that cover for some samples only.
"""

import torch


def covers(interval):
    samples = 3 + 2 * torch.randn(10, 50, dtype=torch.float64)
    low, high = interval(samples)
    half = 1.96 * samples.std(1) / 50**0.5
    return torch.allclose(low, samples.mean(1) - half) and torch.allclose(
        high, samples.mean(1) + half
    )
