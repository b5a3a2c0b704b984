"""The largest update may take a hundred steps to build up.

Loses: the largest update of a hundred.
Axis: time.
"""

import torch


def read_off(rule):
    held = torch.cat(
        [torch.tensor([-1e-3, 1e-3]), torch.logspace(-3, 3, 13), -torch.logspace(-3, 3, 13)]
    )
    state, updates = None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    updates = torch.stack(updates)
    slopes = (updates[:, 1] - updates[:, 0]) / 2e-3
    return {"slope": slopes[0], "slope_after_20": slopes[19], "largest": updates[0].abs().max()}
