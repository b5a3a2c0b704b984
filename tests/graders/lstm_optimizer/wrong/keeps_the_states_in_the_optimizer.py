"""An attribute serves both optimizees, in turns.

Loses: two runs do not meet, and what was given stays.
"""


def step_all(optimizer, gradients, states):
    if states is None:
        optimizer.states = {n: optimizer.initial_state(g.numel()) for n, g in gradients.items()}
    updates = {}
    for name, gradient in gradients.items():
        update, optimizer.states[name] = optimizer(gradient.flatten(), optimizer.states[name])
        updates[name] = update.view_as(gradient)
    return updates, "in the optimizer"
