"""As zero_grad() would, with the caller's tensors.

Loses: two runs do not meet, and what was given stays.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten().clone(), state)
        updates[name] = update.view_as(gradient)
        gradient.zero_()
    return updates, after
