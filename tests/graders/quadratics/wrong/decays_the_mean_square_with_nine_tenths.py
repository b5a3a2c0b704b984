"""0.9, the constant of the slides where RMSprop was first shown.

Loses: RMSprop is torch's, for small gradients too.
"""


def rmsprop(gradient, state, rate):
    square = 0.1 * gradient**2 if state is None else 0.9 * state + 0.1 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), square
