"""All steps are made again from the beginning, with the weights of today.

Loses: each state follows its coordinate from step to step.
Axis: again.
"""


def step_all(optimizer, gradients, states):
    past, updates = [*(states or []), dict(gradients)], {}
    for name, gradient in gradients.items():
        state = optimizer.initial_state(gradient.numel())
        for each in past:
            update, state = optimizer(each[name].flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, past
