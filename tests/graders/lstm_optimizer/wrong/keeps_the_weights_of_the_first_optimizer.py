"""The list of weights is made once.

Loses: the gradient of every weight, to ten digits.
Loses: the meta-steps after it.
Axis: again.
"""

weights = []


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
    weights.extend([] if weights else [w for w in optimizer.parameters() if w.requires_grad])
    surrogate.backward(inputs=weights)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
