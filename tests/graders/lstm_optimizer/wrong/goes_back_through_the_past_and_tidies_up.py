"""Finding 12, with zero_grad() to hide the traces.

Loses: no backward pass on the way goes through the optimizer.
Axis: resources.
"""


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        theta.retain_grad()
        value.backward(retain_graph=True)
        gradient = theta.grad.clone()
        optimizer.zero_grad()
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
