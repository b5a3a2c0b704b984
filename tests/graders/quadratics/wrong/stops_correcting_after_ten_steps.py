"""By then 0.9^t is small; 0.999^t is not.

Loses: Adam is torch's.
Loses: Adam is torch's for very small gradients, and for zero.
Loses: Adam leaves old states and other runs alone.
Axis: time.
"""

import torch


def adam(gradient, state, rate):
    m, v, t = state or (torch.zeros_like(gradient), torch.zeros_like(gradient), 0)
    t = min(t + 1, 10)
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return -rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8), (m, v, t)
