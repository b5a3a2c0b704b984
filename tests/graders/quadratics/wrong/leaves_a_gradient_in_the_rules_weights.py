"""backward() goes on to whatever the rule is made of.

Loses: the largest update of a hundred.
Axis: behind.
Axis: graph.
"""

import torch


def read_off(rule):
    sizes = torch.logspace(-3, 3, 13)
    held, state, updates = torch.cat([-sizes, sizes]), None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    updates, n = torch.stack(updates), len(sizes)
    slopes = (updates[:, n] - updates[:, 0]) / (held[n] - held[0])
    if slopes.requires_grad:
        slopes[0].backward(retain_graph=True)
    return {
        "slope": float(slopes[0]),
        "slope_after_20": float(slopes[19]),
        "largest": float(updates.abs().max()),
    }
