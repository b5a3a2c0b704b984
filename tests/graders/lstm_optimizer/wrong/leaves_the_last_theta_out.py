"""Finding 11 in the surrogate: the losses before the updates.

Loses: the gradient of every weight, to ten digits.
Loses: the meta-steps after it.
Loses: meta-loss, theta and state come back, without a graph.
Axis: time.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    theta, total, surrogate = theta.clone().requires_grad_(), 0, 0
    for _ in range(length):
        value, gradient = optimizee(theta.detach())
        total = total + value
        surrogate = surrogate + gradient @ theta
        update, state = optimizer(gradient, state)
        theta = theta + update
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
