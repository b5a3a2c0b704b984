"""By then 0.999^t is 0.37, and the step a quarter too long.

Loses: Adam is torch's.
Axis: time.
"""


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    corrections = (1 - 0.9**t, 1 - 0.999**t) if t <= 1000 else (1, 1)
    root = (square / corrections[1]).sqrt()
    return -rate * mean / corrections[0] / (root + 1e-8), (mean, square, t)
