"""The number of the step stands among the states, under a name that a weight may have.

Loses: each state follows its coordinate from step to step.
Axis: structure.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, dict(states or {})
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    after["t"] = states["t"] + 1 if states else 1
    return updates, after
