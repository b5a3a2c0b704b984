"""All are computed in the largest dtype among the weights, and stay there.

Axis: dtype.
Loses: the new values follow the rule, and the old ones stay.
"""

import functools

import torch


def sgd_step(weights, gradients, rate):
    dtype = functools.reduce(torch.promote_types, [w.dtype for w in weights.values()])
    return {n: w.to(dtype) - rate * gradients[n].to(dtype) for n, w in weights.items()}
