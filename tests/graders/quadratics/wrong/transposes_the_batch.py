"""theta.T.flatten(): the states of one function meet the gradients of another.

Loses: the meta-gradient is that of the mean over the functions.
Loses: a long meta-gradient is shortened to the clip, as a whole.
Loses: the next meta-steps start from there.
Loses: meta-loss, theta and state come back as constants; the rest stays.
Axis: shape.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.T.flatten(), state)
        theta = theta + updates.view_as(theta.T).T
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
