"""No zero_grad().

Loses: the meta-steps after it.
Axis: before.
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
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
