"""A gradient without entries gets an update of torch's default dtype.

Loses: each coordinate gets the update for its own gradient, in its place.
Axis: dtype.
Axis: shape.
"""

import torch


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        if gradient.numel():
            update, after[name] = optimizer(gradient.flatten(), state)
            updates[name] = update.view_as(gradient)
        else:
            updates[name], after[name] = torch.empty(gradient.shape), state
    return updates, after
