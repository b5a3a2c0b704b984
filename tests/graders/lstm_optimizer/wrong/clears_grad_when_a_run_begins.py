"""What lay in .grad before the first step is gone.

Loses: two runs do not meet, and what was given stays.
Axis: before.
"""


def step_all(optimizer, gradients, states):
    if states is None:
        optimizer.zero_grad()
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, after
