"""Two tensors of one size get one state.

Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
Axis: structure.
"""


def step_all(optimizer, gradients, states):
    updates, after, states = {}, {}, states or {}
    for name, gradient in gradients.items():
        n = gradient.numel()
        state = states.get(n) or optimizer.initial_state(n)
        update, after[n] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
