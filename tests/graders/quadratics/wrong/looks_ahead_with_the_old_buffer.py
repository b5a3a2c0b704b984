"""g + 0.9 b_(t-1) is b_t: momentum under another name.

Loses: with nesterov=True it is torch's NAG.
"""


def momentum(gradient, state, rate, nesterov=False):
    old = 0 * gradient if state is None else state
    buffer = 0.9 * old + gradient
    return -rate * (gradient + 0.9 * old if nesterov else buffer), buffer
