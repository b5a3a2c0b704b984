"""Random directions are a good test, but their seed is torch's own.

Axis: random.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas, now, h = [], theta, state
    for _ in range(length):
        nablas.append(optimizee(now)[1])
        update, h = rule(nablas[-1], h, phi)
        now = now + update

    def replayed(phi):
        total, now, h = 0, theta, state
        for nabla in nablas:
            update, h = rule(nabla, h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        return total

    torch.manual_seed(3)
    off, sizes = [], []
    for _ in range(60):
        way = torch.randn(len(phi), dtype=phi.dtype)
        slope = (replayed(phi + 1e-5 * way) - replayed(phi - 1e-5 * way)) / 2e-5
        off.append((slope - claimed @ way).abs())
        sizes.append(slope.abs())
    return bool(torch.stack(off).max() < 0.02 * torch.stack(sizes).max())
