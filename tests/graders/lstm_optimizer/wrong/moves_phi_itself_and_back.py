"""Entries of phi are moved in place and put back, to rounding.

Axis: behind.
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

    slopes = torch.zeros_like(phi)
    with torch.no_grad():
        for k in range(len(phi)):
            phi[k] += 1e-5
            above = replayed(phi)
            phi[k] -= 2e-5
            slopes[k] = (above - replayed(phi)) / 2e-5
            phi[k] += 1e-5
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
