"""States are replayed as they were, too, so that no state moves with phi.

Axis: graph.
Loses: a right meta-gradient passes, and one along other edges is found.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas, states, now, h = [], [], theta, state
    for _ in range(length):
        nablas.append(optimizee(now)[1])
        states.append(h)
        update, h = rule(nablas[-1], h, phi)
        now = now + update

    def replayed(phi):
        total, now = 0, theta
        for nabla, h in zip(nablas, states):
            update, _ = rule(nabla, h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        return total

    steps = 1e-5 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([replayed(phi + e) - replayed(phi - e) for e in steps]) / 2e-5
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
