"""Every theta is shown in the same memory, and a gradient may be a view of what was shown.

Axis: behind.
Loses: meta-loss, theta and state come back, without a graph.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    shown, thetas, gradients, total = theta.clone(), [], [], 0
    gradient = optimizee(shown)[1]
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        shown.copy_(theta.detach())
        value, gradient = optimizee(shown)
        thetas.append(theta)
        gradients.append(gradient)
        total = total + value
    meta_optimizer.zero_grad()
    sum(g @ t for g, t in zip(gradients, thetas)).backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
