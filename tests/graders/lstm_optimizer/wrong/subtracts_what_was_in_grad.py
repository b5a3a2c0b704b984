"""The difference of two large numbers has few digits.

Loses: the meta-gradient of each window, and of that window alone.
Loses: what comes back is constant; what was given stays.
Axis: before.
"""

import torch


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        before = [torch.zeros_like(w) if w.grad is None else w.grad.clone() for w in weights]
        total.backward(inputs=weights)
        gradients.append(
            [w.grad - old if w.grad is not None else old for w, old in zip(weights, before)]
        )
        for w, old in zip(weights, before):
            w.grad = old
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
