"""A name without entries has an update without entries.

Loses: each coordinate gets the update for its own gradient, in its place.
Axis: shape.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        if gradient.numel():
            state = states[name] if states else optimizer.initial_state(gradient.numel())
            update, after[name] = optimizer(gradient.flatten(), state)
            updates[name] = update.view(gradient.shape)
    return updates, after
