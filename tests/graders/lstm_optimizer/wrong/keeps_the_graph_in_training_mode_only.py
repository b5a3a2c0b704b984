"""In eval mode the updates are constants.

Loses: the graph leads back through all steps.
Axis: mode.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        if not optimizer.training:
            update, after[name] = (
                update.detach(),
                [(h.detach(), c.detach()) for h, c in after[name]],
            )
        updates[name] = update.view(gradient.shape)
    return updates, after
