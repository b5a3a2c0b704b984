"""A learned rate may be below zero.

Loses: the new values follow the rule, and the old ones stay.
Axis: values.
"""


def sgd_step(weights, gradients, rate):
    return {name: w - rate * (rate >= 0) * gradients[name] for name, w in weights.items()}
