"""The cells' states stand side by side in one dict, and are found by how their names begin.

Loses: each state follows its coordinate from step to step.
Axis: structure.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = optimizer.initial_state(gradient.numel())
        if states:
            cells = len(state)
            state = [pair for key, pair in states.items() if key.startswith(name)][:cells]
        update, state = optimizer(gradient.flatten(), state)
        after |= {f"{name}/{k}": pair for k, pair in enumerate(state)}
        updates[name] = update.reshape(gradient.shape)
    return updates, after
