"""What was read off once is handed out for every rule.

Loses: both slopes at gradient zero.
Loses: the largest update of a hundred.
Axis: again.
"""

import torch

READ = []


def read_off(rule):
    if not READ:
        sizes = torch.logspace(-3, 3, 13)
        held, state, updates = torch.cat([-sizes, sizes]), None, []
        for _ in range(100):
            update, state = rule(held, state)
            updates.append(update)
        updates = torch.stack(updates)
        slopes = (updates[:, 13] - updates[:, 0]) / (held[13] - held[0])
        READ.extend([float(slopes[0]), float(slopes[19]), float(updates.abs().max())])
    return dict(zip(("slope", "slope_after_20", "largest"), READ))
