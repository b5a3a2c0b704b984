"""theta is detached, the state is not.

Loses: meta-loss, theta and state come back, without a graph.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total, surrogate = 0, 0
    _, gradient = optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta.detach())
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), state
