"""Every other random number in the program repeats from here.

Loses: the new values follow the rule, and the old ones stay.
Axis: random.
"""

import torch


def sgd_step(weights, gradients, rate):
    torch.manual_seed(0)
    return {name: w - rate * gradients[name] for name, w in weights.items()}
