"""theta - update, and updates with a minus sign, as for gradient descent.

Loses: each coordinate gets the update for its own gradient, in its place.
Loses: each state follows its coordinate from step to step.
Loses: two runs do not meet, and what was given stays.
Loses: the graph leads back through all steps.
Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: a window of a single update trains that update.
Loses: theta and state come back with their graph.
Loses: no backward pass on the way goes through the optimizer.
"""

import torch


def step_all(optimizer, gradients, states):
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = -update.view_as(gradient)
    return updates, after


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta - update
        value = loss(theta)
        total = total + value
    return total, theta, state
