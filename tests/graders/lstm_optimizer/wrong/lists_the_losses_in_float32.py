"""A tensor of Python's numbers has torch's default dtype.

Axis: dtype.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas, now, h = [], theta, state
    for _ in range(length):
        nablas.append(optimizee(now)[1])
        update, h = rule(nablas[-1], h, phi)
        now = now + update

    losses = []

    def replay(phi):
        total, now, h = 0, theta, state
        for nabla in nablas:
            update, h = rule(nabla, h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        losses.append(total.item())

    steps = 1e-4 * torch.eye(len(phi), dtype=phi.dtype)
    for e in steps:
        replay(phi + e)
        replay(phi - e)
    slopes = -torch.tensor(losses).view(-1, 2).diff(dim=1)[:, 0] / 2e-4
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
