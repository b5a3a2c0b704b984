"""Where a weight gets no gradient, whatever was in .grad stays, and moves it.

Loses: the meta-steps after it.
Axis: before.
"""

import torch


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    for group in meta_optimizer.param_groups:
        found = torch.autograd.grad(
            surrogate, group["params"], retain_graph=True, allow_unused=True
        )
        for weight, gradient in zip(group["params"], found):
            weight.grad = weight.grad if gradient is None else gradient
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
