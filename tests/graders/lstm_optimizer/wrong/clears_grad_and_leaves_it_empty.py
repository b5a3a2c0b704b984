"""backward(), tidied up, but not as it was: something else was in .grad before.

Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        for w in weights:
            w.grad = None
        total, theta, state = unrolled(theta, state)
        total.backward()
        gradients.append([torch.zeros_like(w) if w.grad is None else w.grad for w in weights])
        theta, state = theta.detach(), [(h.detach(), c.detach()) for h, c in state]
    for w in weights:
        w.grad = None
    return gradients, theta, state
