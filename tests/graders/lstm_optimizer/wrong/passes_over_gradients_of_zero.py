"""A tensor whose gradient is zero keeps its old state and gets no update.

Loses: each state follows its coordinate from step to step.
Axis: values.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        after[name] = states[name] if states else optimizer.initial_state(gradient.numel())
        updates[name] = gradient * 0
        if gradient.any():
            update, after[name] = optimizer(gradient.flatten(), after[name])
            updates[name] = update.view(gradient.shape)
    return updates, after
