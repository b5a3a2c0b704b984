"""popitem() takes the gradients out of the caller's dict.

Loses: two runs do not meet, and what was given stays.
Axis: behind.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    while gradients:
        name, gradient = gradients.popitem()
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
