"""initial_state, whatever was handed on.

Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
Axis: time.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
