"""At what looks like a minimum nobody moves, and nothing that is remembered goes on.

Loses: momentum is torch's.
Loses: with nesterov=True it is torch's NAG.
Loses: RMSprop is torch's, for small gradients too.
Loses: Adam is torch's.
Axis: values.
"""

import torch


def momentum(gradient, state, rate, nesterov=False):
    if state is not None and gradient.norm() < 1e-12:
        return torch.zeros_like(gradient), state
    buffer = gradient if state is None else 0.9 * state + gradient
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), buffer


def rmsprop(gradient, state, rate):
    if (gradient == 0).all():
        return gradient.clone(), state
    square = (0 if state is None else 0.99 * state) + 0.01 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), square


def adam(gradient, state, rate):
    if (gradient == 0).all():
        return gradient.clone(), state
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean, square, t)
