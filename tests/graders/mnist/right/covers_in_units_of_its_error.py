"""The share is compared with 95 % in units of its own error, and a tolerance."""

import torch


def covers(interval):
    generator = torch.Generator().manual_seed(0)
    for size, mean, spread in [
        (n, m, s) for n in (64, 256, 450) for m in (0, -20) for s in (1 / 3, 3)
    ]:
        normal = torch.randn(4000, size, generator=generator, dtype=torch.float64)
        low, high = interval(mean + spread * normal)
        share = ((low <= mean) & (mean <= high)).double().mean()
        if abs(share - 0.95) > 0.02 + 2 * (0.95 * 0.05 / 4000) ** 0.5:
            return False
    return True
