"""Between -10 and 10 the curve is bent.

Loses: both slopes at gradient zero.
"""

import torch


def read_off(rule):
    held = torch.cat(
        [torch.tensor([-10.0, 10.0]), torch.logspace(-3, 3, 13), -torch.logspace(-3, 3, 13)]
    )
    state, updates = None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    updates = torch.stack(updates)
    slopes = (updates[:, 1] - updates[:, 0]) / 20
    return {"slope": slopes[0], "slope_after_20": slopes[19], "largest": updates.abs().max()}
