"""What is remembered is float32; 1e60 is none, and half of the digits are gone.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Loses: Adam is torch's.
Axis: dtype.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    direction = gradient + 0.9 * buffer if nesterov else buffer
    return -rate * direction, buffer.float()


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), square.float()


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean.float(), square.float(), t)
