"""A batch twice as large gives a meta-gradient twice as long.

Loses: the meta-gradient is that of the mean over the functions.
Loses: the next meta-steps start from there.
Loses: meta-loss, theta and state come back as constants; the rest stays.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.sum()
        surrogate = surrogate + (gradients * theta).sum()
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
