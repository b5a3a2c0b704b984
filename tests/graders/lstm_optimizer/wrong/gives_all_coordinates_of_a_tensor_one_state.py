"""The first coordinate's state is copied to all.

Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        state = [(h[:1].expand_as(h), c[:1].expand_as(c)) for h, c in state]
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
