"""Some rules are boldest in between.

Loses: the largest update of a hundred.
"""

import torch


def read_off(rule):
    def held(gradients, steps):
        state, updates = None, []
        for _ in range(steps):
            update, state = rule(gradients, state)
            updates.append(update)
        return torch.stack(updates)

    h, steps = 1e-3, 100
    near = held(torch.tensor([-h, h]), 20)
    sizes = torch.tensor([1000.0])
    slopes = (near[:, 1] - near[:, 0]) / (2 * h)
    largest = held(torch.cat([-sizes, sizes]), steps).abs().max()
    return {"slope": slopes[0], "slope_after_20": slopes[19], "largest": largest}
