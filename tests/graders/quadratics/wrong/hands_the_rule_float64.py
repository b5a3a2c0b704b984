"""More digits than the rule takes.

Loses: both slopes at gradient zero.
Loses: the largest update of a hundred.
Axis: dtype.
"""

import torch


def read_off(rule):
    sizes = torch.logspace(-3, 3, 13, dtype=torch.float64)
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
