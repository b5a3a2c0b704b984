"""The surrogate, moved to the right value: whoever adds up meta-losses keeps every window.

Loses: meta-loss, theta and state come back, without a graph.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total = 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value + gradient @ (theta - theta.detach())
    meta_optimizer.zero_grad()
    total.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
