"""What an update answers for is the sum of all gradients without those before; digits cancel.

Loses: the gradient of every weight, to ten digits.
Axis: values.
"""


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    _, gradient = optimizee(theta)
    total, updates, sums = 0, [], [gradient]
    for _ in range(length):
        update, state = optimizer(gradient, state)
        updates.append(update)
        theta = (theta + update).detach()
        value, gradient = optimizee(theta)
        total = total + value
        sums.append(sums[-1] + gradient)
    meta_optimizer.zero_grad()
    sum((sums[-1] - before) @ update for before, update in zip(sums, updates)).backward()
    meta_optimizer.step()
    return total, theta, [(h.detach(), c.detach()) for h, c in state]
