"""A window of 25 is one window.

Loses: the gradient of every weight, to ten digits.
Axis: graph.
Axis: time.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for t in range(1, length + 1):
        update, state = optimizer(gradient, state)
        theta = theta + update
        if t % 20 == 0:
            state = [(h.detach(), c.detach()) for h, c in state]
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
