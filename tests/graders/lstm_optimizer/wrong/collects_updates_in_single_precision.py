"""The vector that the updates are written into is float32.

Loses: each coordinate gets the update for its own gradient, in its place.
Axis: dtype.
"""

import torch


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = (torch.zeros(len(update)).float() + update.float()).view(gradient.shape)
    return updates, after
