"""The dict of the last step is used for the next.

Loses: two runs do not meet, and what was given stays.
"""


def step_all(optimizer, gradients, states):
    if states is None:
        states = {n: optimizer.initial_state(g.numel()) for n, g in gradients.items()}
    updates = {}
    for name, gradient in gradients.items():
        update, states[name] = optimizer(gradient.flatten(), states[name])
        updates[name] = update.view_as(gradient)
    return updates, states
