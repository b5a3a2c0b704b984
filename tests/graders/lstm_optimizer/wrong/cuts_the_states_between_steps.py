"""Truncation where nobody asked for it.

Loses: the graph leads back through all steps.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, state = optimizer(gradient.flatten(), state)
        after[name] = [(h.detach(), c.detach()) for h, c in state]
        updates[name] = update.view_as(gradient)
    return updates, after
