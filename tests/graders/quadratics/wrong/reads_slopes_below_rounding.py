"""In float32 both updates are the same, or differ by rounding.

Loses: both slopes at gradient zero.
Axis: values.
"""

import torch


def read_off(rule):
    def held(gradients, steps):
        state, updates = None, []
        for _ in range(steps):
            update, state = rule(gradients, state)
            updates.append(update)
        return torch.stack(updates)

    h, steps = 1e-10, 100
    near = held(torch.tensor([-h, h]), 20)
    sizes = torch.logspace(-3, 3, 13)
    slopes = (near[:, 1] - near[:, 0]) / (2 * h)
    largest = held(torch.cat([-sizes, sizes]), steps).abs().max()
    return {"slope": slopes[0], "slope_after_20": slopes[19], "largest": largest}
