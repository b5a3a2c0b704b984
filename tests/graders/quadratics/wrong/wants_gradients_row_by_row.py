"""view() makes a vector of every tensor but a transposed one.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Loses: Adam is torch's.
Axis: shape.
"""


def momentum(gradient, state, rate, nesterov=False):
    g = gradient.view(-1)
    buffer = g if state is None else 0.9 * state + g
    return (-rate * (g + 0.9 * buffer if nesterov else buffer)).view(gradient.shape), buffer


def rmsprop(gradient, state, rate):
    g = gradient.view(-1)
    square = 0.01 * g**2 if state is None else 0.99 * state + 0.01 * g**2
    return (-rate * g / (square.sqrt() + 1e-8)).view(gradient.shape), square


def adam(gradient, state, rate):
    g = gradient.view(-1)
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    return (-rate * mean / (1 - 0.9**t) / (root + 1e-8)).view(gradient.shape), (mean, square, t)
