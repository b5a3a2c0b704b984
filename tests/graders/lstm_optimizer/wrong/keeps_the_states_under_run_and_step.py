"""Who goes back and takes another way loses the states of the first.

Loses: two runs do not meet, and what was given stays.
Axis: again.
"""

table = []


def step_all(optimizer, gradients, states):
    if states is None:
        table.append([])
        states = len(table) - 1, 0
    run, number = states
    updates, after = {}, {}
    for name, gradient in gradients.items():
        old = table[run][number - 1][name] if number else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), old)
        updates[name] = update.view(gradient.shape)
    table[run][number:] = [after]
    return updates, (run, number + 1)
