"""A gradient from before it was frozen moves a weight, since the step looks at .grad alone.

Loses: the next meta-steps start from there.
Axis: before.
Axis: ties.
"""

from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    weights = [weight for weight in optimizer.parameters() if weight.requires_grad]
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    for weight in weights:
        weight.grad = None
    surrogate.backward()
    nn.utils.clip_grad_norm_(weights, clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
