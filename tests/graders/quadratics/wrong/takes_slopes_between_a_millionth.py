"""Between gradients of 1e-6 float32 shows the rounding of a large update.

Loses: both slopes at gradient zero.
Axis: values.
"""

import torch


def read_off(rule):
    near = torch.tensor([1e-6])
    sizes = torch.cat([near, torch.logspace(-3, 3, 13)])
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
