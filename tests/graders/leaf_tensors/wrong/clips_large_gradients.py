"""A usual safety measure that nobody has asked for.

Loses: the new values follow the rule, and the old ones stay.
Axis: values.
"""


def sgd_step(weights, gradients, rate):
    return {name: w - rate * gradients[name].clamp(-1e3, 1e3) for name, w in weights.items()}
