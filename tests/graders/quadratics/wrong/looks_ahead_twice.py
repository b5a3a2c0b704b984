"""b + 0.9 b, where the gradient should be in the place of the first b.

Loses: with nesterov=True it is torch's NAG.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    return -rate * (1.9 * buffer if nesterov else buffer), buffer
