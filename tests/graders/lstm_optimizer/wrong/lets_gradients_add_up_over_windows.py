"""backward() adds to .grad.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
"""


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        total.backward()
        gradients.append([w.grad.clone() for w in weights])
        theta, state = theta.detach(), [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
