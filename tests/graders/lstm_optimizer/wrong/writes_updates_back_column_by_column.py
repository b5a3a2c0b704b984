"""Read by columns, written by rows.

Loses: each coordinate gets the update for its own gradient, in its place.
Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        order = tuple(reversed(range(gradient.ndim)))
        update, after[name] = optimizer(gradient.permute(order).flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, after
