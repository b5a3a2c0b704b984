"""1e-16 under the root is 1e-8 outside of it, for v = 0 only.

Loses: RMSprop is torch's, for small gradients too.
Axis: values.
"""


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / (square + 1e-16).sqrt(), square
