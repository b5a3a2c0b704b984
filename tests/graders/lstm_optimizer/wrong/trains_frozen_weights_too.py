"""Every weight of the optimizer becomes trainable.

Loses: meta-loss, theta and state come back, without a graph.
Axis: ties.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    optimizer.requires_grad_(True)
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
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
