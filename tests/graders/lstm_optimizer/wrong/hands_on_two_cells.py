"""Written for the optimizer of the paper.

Loses: the gradient of every weight, to ten digits.
Loses: meta-loss, theta and state come back, without a graph.
Axis: structure.
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
    return total, theta.detach(), [(state[k][0].detach(), state[k][1].detach()) for k in range(2)]
