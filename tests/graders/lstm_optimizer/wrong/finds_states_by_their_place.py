"""A list of states, in the order in which the names come.

Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
"""


def step_all(optimizer, gradients, states):
    if states is None:
        states = [None] * len(gradients)
    if any(s is not None and len(s[0][0]) != g.numel() for g, s in zip(gradients.values(), states)):
        states = [None] * len(gradients)
    updates, after = {}, []
    for (name, gradient), state in zip(gradients.items(), states):
        state = state or optimizer.initial_state(gradient.numel())
        update, state = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
        after.append(state)
    return updates, after
