"""Every update is a first one.

Loses: both slopes at gradient zero.
Loses: the largest update of a hundred.
"""

import torch


def read_off(rule):
    held = torch.cat(
        [torch.tensor([-1e-3, 1e-3]), torch.logspace(-3, 3, 13), -torch.logspace(-3, 3, 13)]
    )
    updates = []
    for _ in range(100):
        update, _ = rule(held, None)
        updates.append(update)
    updates = torch.stack(updates)
    slopes = (updates[:, 1] - updates[:, 0]) / 2e-3
    return {"slope": slopes[0], "slope_after_20": slopes[19], "largest": updates.abs().max()}
