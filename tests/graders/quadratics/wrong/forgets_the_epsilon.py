"""0 / 0 where a gradient is zero.

Loses: RMSprop is torch's, for small gradients too.
Axis: values.
"""


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / square.sqrt(), square
