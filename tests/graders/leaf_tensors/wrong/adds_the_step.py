"""Uphill.

Loses: the new values follow the rule, and the old ones stay.
"""


def sgd_step(weights, gradients, rate):
    return {name: w + rate * gradients[name] for name, w in weights.items()}
