"""The gradient at theta_(t-1) beside theta_t.

Loses: the gradient of every weight, to ten digits.
Loses: the meta-steps after it.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total, surrogate = 0, 0
    _, gradient = optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        surrogate = surrogate + gradient @ theta
        value, gradient = optimizee(theta.detach())
        total = total + value
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
