"""Another call costs as much again, and may draw another minibatch.

Loses: meta-loss, theta and state come back, without a graph.
Axis: resources.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(optimizee(theta)[1], state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
