"""The rate of the chapter.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: momentum leaves old states and other runs alone.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    return -0.01 * (gradient + 0.9 * buffer if nesterov else buffer), buffer
