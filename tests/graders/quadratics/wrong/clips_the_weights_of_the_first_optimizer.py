"""A global list of weights is made once; the next optimizer has others.

Loses: a long meta-gradient is shortened to the clip, as a whole.
Axis: again.
"""

from torch import nn

WEIGHTS = []


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    WEIGHTS.extend([] if WEIGHTS else optimizer.parameters())
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(WEIGHTS, clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
