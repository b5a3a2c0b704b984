"""The twenty updates do not begin at the first one of a run.

Loses: both slopes at gradient zero.
Axis: before.
"""

import torch


def read_off(rule):
    def held(gradients, state, steps):
        updates = []
        for _ in range(steps):
            update, state = rule(gradients, state)
            updates.append(update)
        return torch.stack(updates), state

    near = torch.tensor([-1e-3, 1e-3])
    first, state = held(near, None, 1)
    later, _ = held(near, state, 20)
    sizes = torch.logspace(-3, 3, 13)
    largest = held(torch.cat([-sizes, sizes]), None, 100)[0].abs().max()
    return {
        "slope": float(first[0].diff() / near.diff()),
        "slope_after_20": float(later[19].diff() / near.diff()),
        "largest": float(largest),
    }
