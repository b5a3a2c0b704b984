"""The states lose their graph now and then.

Loses: the graph leads back through all steps.
Axis: time.
"""


def step_all(optimizer, gradients, states):
    number, states = states or (0, None)
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        if number and number % 20 == 0:
            state = [(h.detach(), c.detach()) for h, c in state]
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, (number + 1, after)
