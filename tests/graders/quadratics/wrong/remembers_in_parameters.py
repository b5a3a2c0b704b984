"""nn.Parameter requires a gradient, and all that is computed from it has a graph.

Loses: momentum leaves old states and other runs alone.
Loses: RMSprop leaves old states and other runs alone.
Loses: Adam leaves old states and other runs alone.
Axis: graph.
"""

from torch import nn


def momentum(gradient, state, rate, nesterov=False):
    buffer = nn.Parameter(gradient if state is None else 0.9 * state + gradient)
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), buffer


def rmsprop(gradient, state, rate):
    square = nn.Parameter(
        0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    )
    return -rate * gradient / (square.sqrt() + 1e-8), square


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    mean = nn.Parameter(mean)
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean, square, t)
