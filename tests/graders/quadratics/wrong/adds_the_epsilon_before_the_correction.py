"""The shortcut of the paper: eps beside the root of the uncorrected v.

Loses: Adam is torch's for very small gradients, and for zero.
"""


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    size = rate * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
    return -size * mean / (square.sqrt() + 1e-8), (mean, square, t)
