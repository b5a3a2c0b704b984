"""autograd.grad refuses a weight that requires no gradient.

Loses: a long meta-gradient is shortened to the clip, as a whole.
Axis: ties.
"""

import torch
from torch import nn


def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    weights = list(optimizer.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(surrogate, weights)):
        weight.grad = slope
    nn.utils.clip_grad_norm_(weights, clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
