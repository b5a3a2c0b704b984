"""The running means as they are.

Loses: Adam is torch's.
"""


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    return -rate * mean / (square.sqrt() + 1e-8), (mean, square, t)
