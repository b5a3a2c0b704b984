"""What was in .grad before is taken for part of the first window's gradient.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        total.backward()
        gradients.append([torch.zeros_like(w) if w.grad is None else w.grad for w in weights])
        for w in weights:
            w.grad = None
        theta, state = theta.detach(), [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
