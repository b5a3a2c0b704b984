"""A step that leaves a small meta-loss its digits, and a large one hardly any.

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

    here = replayed(phi)
    steps = 1e-10 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([replayed(phi + e) - here for e in steps]) / 1e-10
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
