"""Random directions from a generator of its own."""

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

    generator = torch.Generator().manual_seed(5)
    ways = torch.randn(60, len(phi), generator=generator, dtype=torch.float64)
    slopes = torch.stack([replayed(phi + 1e-6 * w) - replayed(phi - 1e-6 * w) for w in ways]) / 2e-6
    return bool((slopes - ways @ claimed).abs().max() < 0.02 * claimed.abs().max())
