"""backward() also adds to the leaves inside the loss, and to weights that nobody asked about.

Loses: what comes back is constant; what was given stays.
Axis: behind.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        before = [(w, w.grad) for w in weights]
        for w in weights:
            w.grad = None
        total.backward()
        gradients.append([torch.zeros_like(w) if w.grad is None else w.grad for w in weights])
        for w, old in before:
            w.grad = old
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
