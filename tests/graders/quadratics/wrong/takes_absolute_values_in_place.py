"""The update belongs to the rule, which may have kept it.

Loses: the largest update of a hundred.
Axis: behind.
"""

import torch


def read_off(rule):
    sizes = torch.logspace(-3, 3, 13)
    held, state, updates = torch.cat([-sizes, sizes]), None, []
    largest = 0.0
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update.detach().clone())
        largest = max(largest, float(update.detach().abs_().max()))
    updates, n = torch.stack(updates), len(sizes)
    slopes = (updates[:, n] - updates[:, 0]) / (held[n] - held[0])
    return {
        "slope": float(slopes[0]),
        "slope_after_20": float(slopes[19]),
        "largest": largest,
    }
