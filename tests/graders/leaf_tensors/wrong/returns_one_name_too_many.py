"""The new weights come with something else in the same dict.

Loses: the new values follow the rule, and the old ones stay.
"""


def sgd_step(weights, gradients, rate):
    new = {name: weights[name] - rate * gradients[name] for name in weights}
    return new | {"rate": rate}
