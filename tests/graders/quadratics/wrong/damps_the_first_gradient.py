"""The buffer as a running mean, with 0.1 of each gradient.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: momentum leaves old states and other runs alone.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = 0.1 * gradient if state is None else 0.9 * state + 0.1 * gradient
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), buffer
