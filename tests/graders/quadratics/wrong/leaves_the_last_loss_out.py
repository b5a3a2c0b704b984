"""The loop counts the losses before the updates.

Loses: the meta-gradient is that of the mean over the functions.
Loses: a long meta-gradient is shortened to the clip, as a whole.
Loses: the next meta-steps start from there.
Loses: meta-loss, theta and state come back as constants; the rest stays.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    total, surrogate = 0, 0 * sum(weight.sum() for weight in optimizer.parameters())
    for _ in range(length):
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
