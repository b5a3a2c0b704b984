"""Later gradients are added into tensors that optimizee has returned.

Loses: meta-loss, theta and state come back, without a graph.
Axis: behind.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, told = 0, []
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update.detach()
        value, gradient = optimizee(theta)
        total = total + value
        told.append((update, gradient))
    meta_optimizer.zero_grad()
    later = told[-1][1]
    sums = [later.clone()]
    for _, gradient in told[-2::-1]:
        later += gradient
        sums.insert(0, later.clone())
    sum(s @ update for s, (update, _) in zip(sums, told)).backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
