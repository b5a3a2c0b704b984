"""The weights are collected part by part.

Loses: a long meta-gradient is shortened to the clip, as a whole.
Axis: ties.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    weights = [w for part in optimizer.modules() for w in part.parameters(recurse=False)]
    nn.utils.clip_grad_norm_(weights, clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
