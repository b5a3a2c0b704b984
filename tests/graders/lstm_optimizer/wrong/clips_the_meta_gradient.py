"""The step goes along the meta-gradient as it is.

Loses: the gradient of every weight, to ten digits.
Axis: values.
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
    meta_optimizer.zero_grad()
    surrogate.backward()
    for group in meta_optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 1000.0)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
