"""sqrt(v + eps), which is 1e-4 for small v.

Loses: RMSprop is torch's, for small gradients too.
"""


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / (square + 1e-8).sqrt(), square
