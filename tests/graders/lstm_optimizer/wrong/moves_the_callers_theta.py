"""+= changes the theta that was given.

Loses: meta-loss, theta and state come back, without a graph.
"""

import torch


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total, surrogate, shift = 0, 0, torch.zeros_like(theta)
    _, gradient = optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        shift = shift + update
        theta += update.detach()
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ shift
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
