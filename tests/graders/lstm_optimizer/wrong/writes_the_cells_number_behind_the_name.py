"""With eleven cells, the last one of w and the first one of w1 have one and the same key.

Loses: each state follows its coordinate from step to step.
Axis: structure.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        fresh = optimizer.initial_state(gradient.numel())
        state = [states[name + str(k)] for k in range(len(fresh))] if states else fresh
        update, state = optimizer(gradient.flatten(), state)
        after |= {name + str(k): pair for k, pair in enumerate(state)}
        updates[name] = update.view_as(gradient)
    return updates, after
