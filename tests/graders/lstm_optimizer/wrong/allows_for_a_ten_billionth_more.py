"""An error of a ten-billionth is forgiven, whatever the size of the slopes.

Axis: values.
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

    steps = 1e-5 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([replayed(phi + e) - replayed(phi - e) for e in steps]) / 2e-5
    allowed = 1e-10 + 0.02 * slopes.abs().max()
    return bool(((claimed - slopes).abs() < allowed).all())
