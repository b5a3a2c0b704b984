"""The state that was handed on is lost.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: a window of a single update trains that update.
Loses: no backward pass on the way goes through the optimizer.
Loses: theta and state come back with their graph.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    state = optimizer.initial_state(len(theta))
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
