"""The surrogate has the meta-loss's gradient, but not its value.

Loses: meta-loss, theta and state come back, without a graph.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    total = 0
    _, gradient = optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        _, gradient = optimizee(theta.detach())
        total = total + gradient @ theta
    meta_optimizer.zero_grad()
    total.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
