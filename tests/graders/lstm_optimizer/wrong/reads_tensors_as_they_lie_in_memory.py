"""The order in memory is another one for a view, and the states follow it.

Loses: each state follows its coordinate from step to step.
Axis: shape.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        order = sorted(range(gradient.ndim), key=gradient.stride, reverse=True)
        rows = gradient.permute(order)
        update, after[name] = optimizer(rows.flatten(), state)
        back = [order.index(d) for d in range(gradient.ndim)]
        updates[name] = update.view(rows.shape).permute(back)
    return updates, after
