"""Memory is taken once; the update of a step is that of the next one, once there is one.

Loses: momentum leaves old states and other runs alone.
Loses: RMSprop leaves old states and other runs alone.
Loses: Adam leaves old states and other runs alone.
Axis: behind.
Axis: again.
"""

import torch

TABLES = {}


def table_for(gradient, values):
    table = TABLES.setdefault((gradient.shape, gradient.dtype), torch.empty_like(gradient))
    return table.copy_(values)


def momentum(gradient, state, rate, nesterov=False):
    buffer = gradient if state is None else 0.9 * state + gradient
    direction = gradient + 0.9 * buffer if nesterov else buffer
    return table_for(gradient, -rate * direction), buffer


def rmsprop(gradient, state, rate):
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return table_for(gradient, -rate * gradient / (square.sqrt() + 1e-8)), square


def adam(gradient, state, rate):
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    return table_for(gradient, -rate * mean / (1 - 0.9**t) / (root + 1e-8)), (mean, square, t)
