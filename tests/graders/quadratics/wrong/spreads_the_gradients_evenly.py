"""From -1000 to 1000 in steps of 83 there is nothing near 1.

Loses: the largest update of a hundred.
Told: whose largest update belongs to small gradients.
Axis: values.
"""

import torch


def read_off(rule):
    sizes = torch.cat([torch.tensor([1e-3]), torch.linspace(0, 1000, 13)[1:]])
    held, state, updates = torch.cat([-sizes, sizes]), None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    updates, n = torch.stack(updates), len(sizes)
    slopes = (updates[:, n] - updates[:, 0]) / (held[n] - held[0])
    return {
        "slope": float(slopes[0]),
        "slope_after_20": float(slopes[19]),
        "largest": float(updates.abs().max()),
    }
