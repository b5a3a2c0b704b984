"""A rate in float64 loses half of its digits.

Loses: the new values follow the rule, and the old ones stay.
Axis: dtype.
"""

import torch


def sgd_step(weights, gradients, rate):
    rate = rate.to(torch.get_default_dtype())
    return {name: w - rate * gradients[name] for name, w in weights.items()}
