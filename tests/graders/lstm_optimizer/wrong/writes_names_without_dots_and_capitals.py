"""Names that a module could not have become one another.

Loses: each state follows its coordinate from step to step.
Axis: structure.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        key = name.replace(".", "_").lower()
        state = states[key] if states else optimizer.initial_state(gradient.numel())
        update, after[key] = optimizer(gradient.flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, after
