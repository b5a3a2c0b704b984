"""Finding 12: backward() at each step, through all the steps before.

Loses: the meta-loss, theta and state after a window; what was given stays.
Loses: its gradient in every weight, the optimizee's gradients as inputs.
Loses: no backward pass on the way goes through the optimizer.
Loses: theta and state come back with their graph.
"""


def meta_loss(optimizer, loss, theta, state, length):
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        theta.retain_grad()
        value.backward(retain_graph=True)
        update, state = optimizer(theta.grad, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
