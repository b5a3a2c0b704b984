"""None means that the last run of that shape goes on.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: momentum leaves old states and other runs alone.
Loses: RMSprop is torch's, for small gradients too.
Loses: RMSprop leaves old states and other runs alone.
Loses: Adam is torch's.
Loses: Adam is torch's for very small gradients, and for zero.
Loses: Adam leaves old states and other runs alone.
Axis: before.
Axis: again.
"""

LEFT = {}


def momentum(gradient, state, rate, nesterov=False):
    state = LEFT.get(("b", gradient.shape)) if state is None else state
    buffer = gradient if state is None else 0.9 * state + gradient
    LEFT["b", gradient.shape] = buffer
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), buffer


def rmsprop(gradient, state, rate):
    state = LEFT.get(("v", gradient.shape), 0) if state is None else state
    square = 0.99 * state + 0.01 * gradient**2
    LEFT["v", gradient.shape] = square
    return -rate * gradient / (square.sqrt() + 1e-8), square


def adam(gradient, state, rate):
    mean, square, t = state or LEFT.get(gradient.shape, (0, 0, 0))
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    LEFT[gradient.shape] = mean, square, t
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean, square, t)
