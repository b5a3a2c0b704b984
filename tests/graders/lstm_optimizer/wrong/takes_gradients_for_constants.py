"""Whether gradients have a graph is for the caller to say.

Loses: the graph leads back through all steps.
Axis: graph.
"""


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.detach().flatten(), state)
        updates[name] = update.view(gradient.shape)
    return updates, after
