"""t is raised after its use; 1 - 0.9^0 is zero, so t + 1 is put in twice.

Loses: Adam is torch's.
"""


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    return -rate * mean / (1 - 0.9 ** (t + 1)) / (
        (square / (1 - 0.999 ** (t + 1))).sqrt() + 1e-8
    ), (mean, square, t)
