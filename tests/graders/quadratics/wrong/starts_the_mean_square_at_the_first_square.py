"""v_0 = g^2 where torch has 0.

Loses: RMSprop is torch's, for small gradients too.
"""


def rmsprop(gradient, state, rate):
    square = gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), square
