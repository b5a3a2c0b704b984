"""backward() on a copy of theta spares the optimizer, and not the leaves of the loss.

Loses: no backward pass on the way goes through the optimizer.
Axis: behind.
"""


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    total = 0
    for _ in range(length):
        here = theta.detach().clone().requires_grad_()
        loss(here).backward()
        update, state = optimizer(here.grad, state)
        theta = theta + update
        total = total + loss(theta)
    return total, theta, state
