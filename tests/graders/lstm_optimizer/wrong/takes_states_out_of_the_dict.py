"""pop() leaves the caller with an empty dict of states.

Loses: two runs do not meet, and what was given stays.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states.pop(name) if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
