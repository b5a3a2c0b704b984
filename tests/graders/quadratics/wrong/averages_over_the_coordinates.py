"""mean() over everything.

Loses: the meta-gradient is that of the mean over the functions.
Loses: the next meta-steps start from there.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).mean()
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
