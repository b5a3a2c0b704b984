"""The state of the last step loses its graph, and so does the optimizer's own copy of it.

Loses: meta-loss, theta and state come back, without a graph.
Axis: behind.
"""


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
    meta_optimizer.step()
    for pair in state:
        for part in pair:
            part.detach_()
    return total, theta.detach(), state
