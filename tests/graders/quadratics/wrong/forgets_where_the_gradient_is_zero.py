"""A mean square that does not fade while nothing comes.

Loses: RMSprop is torch's, for small gradients too.
Axis: values.
"""

import torch


def rmsprop(gradient, state, rate):
    old = torch.zeros_like(gradient) if state is None else state
    square = torch.where(gradient == 0, old, 0.99 * old + 0.01 * gradient**2)
    return -rate * gradient / (square.sqrt() + 1e-8), square
