"""theta is written into, in the data behind its graph.

Loses: meta-loss, theta and state come back as constants; the rest stays.
Axis: behind.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    start = theta
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    start.copy_(theta.detach())
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
