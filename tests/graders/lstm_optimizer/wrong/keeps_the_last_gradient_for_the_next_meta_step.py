"""The next meta-step may begin elsewhere, and on another minibatch.

Loses: meta-loss, theta and state come back, without a graph.
Axis: again.
"""

import torch

last = {}


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    place, gradient = last.get(meta_optimizer, (None, None))
    if place is None or not torch.equal(place, theta):
        _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    last[meta_optimizer] = theta.detach(), gradient
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
