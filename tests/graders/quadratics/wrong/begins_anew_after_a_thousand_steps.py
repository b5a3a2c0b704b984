"""A thousand steps are a long run, but there are longer ones.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Axis: time.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer, t = (0, 0) if state is None or state[1] == 1000 else state
    buffer = 0.9 * buffer + gradient
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), (buffer, t + 1)


def rmsprop(gradient, state, rate):
    square, t = (0, 0) if state is None or state[1] == 1000 else state
    square = 0.99 * square + 0.01 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), (square, t + 1)
