"""Each gradient of the optimizee goes back through all steps before.

Loses: no backward pass on the way goes through the optimizer.
Axis: resources.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        asked = [theta, *(w for w in optimizer.parameters() if w.requires_grad)]
        gradient = torch.autograd.grad(value, asked, retain_graph=True, allow_unused=True)[0]
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
