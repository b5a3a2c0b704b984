"""What meta_optimizer remembers is its own.

Loses: the meta-steps after it.
Axis: before.
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
    meta_optimizer.state.clear()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
