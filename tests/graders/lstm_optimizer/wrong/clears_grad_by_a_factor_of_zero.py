"""Old gradients are multiplied by 0, which leaves NaN as it is and makes NaN of inf.

Axis: before.
Loses: the meta-steps after it.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total, surrogate = total + value, surrogate + gradient @ theta
    for weight in optimizer.parameters():
        if weight.grad is not None:
            weight.grad.mul_(0)
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
