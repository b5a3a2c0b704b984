"""Where theta has not moved, the rest of the way is as it was; but the state goes on.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: the meta-gradient of each window, and of that window alone.
Axis: values.
"""

import torch


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for left in range(length, 0, -1):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        if not update.any():
            return total + left * value, theta, state
        total = total + value
    return total, theta, state


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, after, state = unrolled(theta, state)
        if gradients and torch.equal(after, theta):
            gradients.append(gradients[-1])
        else:
            gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = after.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
