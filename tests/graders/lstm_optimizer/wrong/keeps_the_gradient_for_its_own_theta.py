"""The last gradient is kept for the theta that was returned, whatever function comes next.

Loses: meta-loss, theta and state come back, without a graph.
Axis: again.
"""

last = [None, None]


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    gradient = last[1] if last[0] is theta else optimizee(theta)[1]
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
    last[:] = theta.detach(), gradient
    return total, last[0], [(h.detach(), c.detach()) for h, c in state]
