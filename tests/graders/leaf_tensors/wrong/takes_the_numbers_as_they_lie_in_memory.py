"""A transposed view lies there in another order than it has.

Loses: the new values follow the rule, and the old ones stay.
Axis: shape.
"""

import torch


def sgd_step(weights, gradients, rate):
    new = {}
    for name, w in weights.items():
        flat = w.reshape(-1) - rate * gradients[name].reshape(-1)
        new[name] = torch.as_strided(flat, w.shape, w.stride())
    return new
