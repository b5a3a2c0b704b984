"""A frozen weight's gradient is set to zero, by which weight decay moves it all the same.

Loses: the next meta-steps start from there.
Axis: before.
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
    for weight in optimizer.parameters():
        if weight.grad is not None:
            weight.grad.zero_()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
