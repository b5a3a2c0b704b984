"""Tensors without entries are put aside, and there may be no others.

Loses: each coordinate gets the update for its own gradient, in its place.
Axis: shape.
"""

import torch


def step_all(optimizer, gradients, states):
    updates = {name: gradient * 0 for name, gradient in gradients.items() if not gradient.numel()}
    names = sorted(gradients.keys() - updates.keys())
    row = torch.cat([gradients[name].flatten() for name in names])
    found, after = optimizer(row, states or optimizer.initial_state(len(row)))
    for name, part in zip(names, found.split([gradients[name].numel() for name in names])):
        updates[name] = part.view_as(gradients[name])
    return updates, after
