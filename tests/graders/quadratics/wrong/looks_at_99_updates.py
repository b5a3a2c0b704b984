"""The first update is number 0 for it, and number 99 is not looked at.

Loses: the largest update of a hundred.
Axis: time.
"""

import torch


def read_off(rule):
    sizes = torch.logspace(-3, 3, 19)
    held, state, largest = torch.cat([sizes, -sizes]), None, 0.0
    slopes = {}
    for step in range(1, 100):
        update, state = rule(held, state)
        largest = max(largest, float(update.abs().max()))
        slopes[step] = float((update[0] - update[19]) / (held[0] - held[19]))
    return {"slope": slopes[1], "slope_after_20": slopes[20], "largest": largest}
