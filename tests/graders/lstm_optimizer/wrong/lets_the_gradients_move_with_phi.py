"""The whole window is run anew for each phi, along the dashed edges as well.

Axis: graph.
Loses: a right meta-gradient passes, and one along other edges is found.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    def meta_loss(phi):
        total, now, h = 0, theta, state
        for _ in range(length):
            update, h = rule(optimizee(now)[1], h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        return total

    steps = 1e-5 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([meta_loss(phi + e) - meta_loss(phi - e) for e in steps]) / 2e-5
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
