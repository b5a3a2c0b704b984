"""Two names may have one tensor for a gradient, and still two pasts.

Loses: two runs do not meet, and what was given stays.
Axis: ties.
"""


def step_all(optimizer, gradients, states):
    updates, after, done = {}, {}, {}
    for name, gradient in gradients.items():
        if id(gradient) not in done:
            state = states[name] if states else optimizer.initial_state(gradient.numel())
            done[id(gradient)] = optimizer(gradient.flatten(), state)
        update, after[name] = done[id(gradient)]
        updates[name] = update.view(gradient.shape)
    return updates, after
