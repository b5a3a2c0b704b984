"""Right to seven digits, of sixteen.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Axis: dtype.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    return (-rate * (gradient + 0.9 * buffer if nesterov else buffer)).float(), buffer


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return (-rate * gradient / (square.sqrt() + 1e-8)).float(), square
